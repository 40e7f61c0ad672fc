(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * Values, identifiers, temporaries

    The subset has 32-bit integers and the undefined value.  Identifiers are
    positives; [$"name"] is an injective map from strings to positives above
    4095, so that [128 .. 4095] stay free for the exporter's temporaries, as in
    CompCert's clightgen.  Read next: syntax.v. *)
From Coq Require Import ZArith String Ascii List Lia FMapPositive.
From hlock.clight Require Import options integers.
Local Open Scope Z_scope.

Inductive val : Type :=
| Vundef : val
| Vint : int -> val.

Definition ident := positive.

(** Eight bits of a character in front of what came before. *)
Definition push_bit (b : bool) (p : positive) : positive := if b then xI p else xO p.
Definition push_ascii (p : positive) (c : ascii) : positive :=
  let (b0, b1, b2, b3, b4, b5, b6, b7) := c in
  push_bit b0 (push_bit b1 (push_bit b2 (push_bit b3
    (push_bit b4 (push_bit b5 (push_bit b6 (push_bit b7 p))))))).

Fixpoint push_string (p : positive) (s : string) : positive :=
  match s with
  | EmptyString => p
  | String c s => push_string (push_ascii p c) s
  end.

(** 4096 marks the end of the string: below it are the temporaries. *)
Definition ident_of_string (s : string) : ident := push_string 4096 s.

Lemma push_bit_inj p q b d : push_bit b p = push_bit d q -> p = q /\ b = d.
Proof. destruct b, d; try discriminate; intros [= ->]; auto. Qed.

Lemma push_ascii_inj p q c d : push_ascii p c = push_ascii q d -> p = q /\ c = d.
Proof.
  destruct c, d; cbn [push_ascii]; intros E.
  repeat (apply push_bit_inj in E as (E & <-)); auto.
Qed.

Lemma push_ascii_size p c : (Pos.size_nat (push_ascii p c) = 8 + Pos.size_nat p)%nat.
Proof. destruct c as [[] [] [] [] [] [] [] []]; reflexivity. Qed.

Lemma push_string_size s p :
  (Pos.size_nat (push_string p s) = 8 * String.length s + Pos.size_nat p)%nat.
Proof.
  revert p; induction s as [|c s IH]; intros p; cbn [push_string String.length]; [lia|].
  rewrite IH, push_ascii_size; lia.
Qed.

Lemma push_string_inj s t p q :
  Pos.size_nat p = Pos.size_nat q -> push_string p s = push_string q t -> p = q /\ s = t.
Proof.
  revert t p q; induction s as [|c s IH]; intros [|d t] p q Same E.
  - auto.
  - apply (f_equal Pos.size_nat) in E; rewrite !push_string_size in E; cbn in E; lia.
  - apply (f_equal Pos.size_nat) in E; rewrite !push_string_size in E; cbn in E; lia.
  - cbn [push_string] in E; apply IH in E as [E ->].
    + apply push_ascii_inj in E as [-> ->]; auto.
    + rewrite !push_ascii_size; lia.
Qed.

Lemma ident_of_string_inj s t : ident_of_string s = ident_of_string t -> s = t.
Proof. intros E; now apply push_string_inj in E as [_ ->]. Qed.

(** Temporaries: the parameters and locals of a function. *)
Definition temp_env := PositiveMap.t val.

Declare Scope clight_scope.
Delimit Scope clight_scope with clight.
Notation "$ s" := (ident_of_string s) (at level 1, format "$ s") : clight_scope.
Notation "le ! id" := (PositiveMap.find id le) (at level 1) : clight_scope.

Definition set_temp (id : ident) (v : val) (le : temp_env) : temp_env :=
  PositiveMap.add id v le.
