(* SPDX-License-Identifier: MIT OR Apache-2.0 *)
(** * From one floor to the next: what the upper floor sees

    Of an event, of a log, of a state.  Nothing is proved here.  Read next: map.v. *)
From Coq Require Import ZArith List.
From hlock.layers.view Require Import spec.
Import ListNotations.
Local Open Scope Z_scope.

Section Image.
  Context {S : system} (Low High : floor S).
  Local Notation low := (log S (verb Low)).
  Local Notation high := (log S (verb High)).

  (** What the upper floor sees of verb [k] of CPU [c] on lock [l] after low log [g],
      and after the high log that is shown of it. *)
  Context (show : cpu -> Z -> verb Low -> low -> high -> option (verb High)).

  Definition shown (e : event S (verb Low)) (g : low) (h : high) : high :=
    match e with
    | (c, Lock l k) =>
        match show c l k g h with
        | Some k' => [(c, Lock l k')]
        | None => []
        end
    | (c, Read l k v) => [(c, Read l k v)]
    | (c, Wrote l k v) => [(c, Wrote l k v)]
    | (c, Halted) => [(c, Halted)]
    end.
  Fixpoint image (g : low) : high :=
    match g with
    | [] => []
    | e :: g => shown e g (image g) ++ image g
    end.

  (** The high side lags behind by [p], events of other CPUs that it has not yet
      been told; between operations [p] is empty. *)
  Record lags (p : high) (d : RData Low) (h : RData High) : Prop := {
    lag_cpu : me h = me d;
    lag_log : image (events d) = p ++ events h;
    lag_foreign : Forall (fun e => fst e <> me d) p;
    lag_legal : legal Low (events d)
  }.
  Definition related (d : RData Low) (h : RData High) : Prop := lags [] d h.
End Image.
