# SPDX-License-Identifier: MIT OR Apache-2.0
# A file sharp_*.v in which Coq proves of the examples only that called name: what others say it
# is not asked to prove.  Lemmas stay, and so do the numbers of the lines.  Input: the file.
BEGIN { KEYWORD = "Example|Lemma|Theorem|Corollary|Fact|Remark|Definition|Fixpoint|Inductive|Record|Instance|Let" }
$0 ~ "^ *(Local |#\\[[a-z]+\\] )?(" KEYWORD ") " {
    other = /^ *(Local )?Example / && $($1 == "Local" ? 3 : 2) != name
}
other && (at = index($0, "Proof.")) {
    print substr($0, 1, at - 1) "Admitted."
    other = 0
    proof = !/Qed\.$/
    next
}
proof {
    proof = !/Qed\.$/
    print ""
    next
}
{ print }
