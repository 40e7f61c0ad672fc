/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Where this program lies says where the rest is: TREE/build/hlock of a source tree, or
 * PREFIX/bin/hlock, with PREFIX/libexec/hlock and PREFIX/lib/hlock beside it.  So a prefix
 * can be moved.  What is found is only read.
 */
#include "run.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Takes the last name off a path. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return text("%.*s", (int)(slash - path), path);
}

static void add_room(struct home *home, const char *folder, const char *name)
{
	add_word(&home->coq, "-Q");
	add_word(&home->coq, folder);
	add_word(&home->coq, name);
}

/* Lines "-Q FOLDER NAME" of _CoqProject, which has no blanks in names. */
static void add_rooms_of_tree(struct home *home, const char *project)
{
	for (const char *line = project; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		char folder[100], name[100];

		if (sscanf(line, "-Q %99s %99s", folder, name) == 2)
			add_room(home, text("%s/%s", home->root, folder), text("%s", name));
	}
}

bool find_home(struct home *home)
{
	char self[PATH_MAX];
	const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	char *folder, *project;

	if (length < 0) {
		perror("hlock: /proc/self/exe");
		return false;
	}
	self[length] = '\0';
	folder = folder_of(self);
	home->root = folder_of(folder);
	if (strcmp(strrchr(folder, '/'), "/build") == 0) {
		home->tools = folder;
		home->workload = text("%s/test/stress", home->root);
		home->object_theorems = text("%s/tools/prove/object_theorems", home->root);
		home->library = home->root;
		project = text_of_file(text("%s/_CoqProject", home->root));
		if (project)
			add_rooms_of_tree(home, project);
		return true;
	}
	home->tools = text("%s/libexec/hlock", home->root);
	home->root = text("%s/lib/hlock", home->root);
	home->object_theorems = text("%s/object_theorems", home->tools);
	home->library = text("%s/coq", home->root);
	home->workload = text("%s/workload", home->root);
	home->installed = true;
	add_room(home, home->library, "hlock");
	if (access(home->tools, R_OK) == 0)
		return true;
	fprintf(stderr, "hlock: there is no %s: what belongs to this program is not installed beside it\n",
		home->tools);
	return false;
}

bool is_proved(const struct home *home, const char *name)
{
	const char *file = text("%s/main/%s.vo", home->library, name);

	if (access(file, R_OK) == 0)
		return true;
	fprintf(stderr, "hlock: %s: %s%s\n", file, strerror(errno), home->installed ? "" : ": run `make prove` first");
	return false;
}
