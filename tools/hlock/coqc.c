/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * hlock prove and check-object run coqc, in the folder of the proof, on the library that lies beside hlock.
 */
#include <stdlib.h>

#include "proof.h"

int start_coq(const struct proof *proof, const char *name)
{
	struct words command = { 0 };

	/* By itself coqc takes 256 MB for young values, a page at a time: tools/prove/coq. */
	setenv("OCAMLRUNPARAM", "s=4M,i=4M,o=120", 0);
	setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1", 0);
	add_word(&command, "coqc");
	add_word(&command, "-q");
	for (size_t i = 0; i < proof->home.coq.count; i++)
		add_word(&command, proof->home.coq.word[i]);
	add_word(&command, "-Q");
	add_word(&command, ".");
	add_word(&command, proof->table.style.room);
	add_word(&command, text("%s.v", name));
	return start_program(&command, proof->work, text("%s/%s.said", proof->work, name));
}

int coq(const struct proof *proof, const char *name)
{
	return wait_for_program(start_coq(proof, name));
}

int coq_refuses(const struct proof *proof, const char *name, int coq_status)
{
	const char *said = text_of_file(text("%s/%s.said", proof->work, name));

	fprintf(stderr, "hlock: Coq refuses %s/%s.v:\n%s", proof->work, name, said ? said : "");
	if (coq_status == CANNOT_RUN)
		fprintf(stderr, "hlock: this needs Coq 8.16 (Debian package: coq)\n");
	return coq_status == CANNOT_RUN ? FAILED : REFUSED;
}
