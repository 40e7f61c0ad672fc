/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The C subset: which types and attributes are in it, and why the rest is not.
 * What is not listed here as accepted is refused; the tables only give reasons.
 * Read next: expr.c.
 */
#include "translate.h"

#include <string.h>

struct reason {
	const char *what, *why;
};

/* ---------------------------------------------------------------- types */

enum ctype type_of_name(const char *name)
{
	if (strncmp(name, "const ", strlen("const ")) == 0)
		name += strlen("const ");
	if (strcmp(name, "void") == 0)
		return TYPE_VOID;
	if (strcmp(name, "int") == 0)
		return TYPE_INT;
	if (strcmp(name, "unsigned int") == 0)
		return TYPE_UINT;
	return TYPE_BOOL;
}

/* The first that occurs in the name of the type gives the reason. */
static const struct reason outside_types[] = {
	{ "_Atomic", "atomic type: atomic accesses are floor 0, behind functions" },
	{ "volatile", "volatile: an access would be an event, not a plain load or store" },
	{ "(*)", "function pointer: calls go to named functions" },
	{ "*", "pointer: the subset has no memory" },
	{ "[", "array: the subset has no memory" },
	{ "struct ", "structure: the subset has no memory" },
	{ "union ", "union: the subset has no memory" },
	{ "enum ", "enumeration: its integer type is the compiler's choice" },
	{ "float", "floating-point type" },
	{ "double", "floating-point type" },
	{ "char", "8-bit type: only 32-bit integers are in the subset" },
	{ "short", "16-bit type: only 32-bit integers are in the subset" },
	{ "long", "64-bit type: only 32-bit integers are in the subset" },
	{ "__int128", "128-bit type: only 32-bit integers are in the subset" },
	{ "_Bool", "_Bool: only 32-bit integers are in the subset" },
};

enum ctype node_type(const struct node *node)
{
	const char *name = node_text(node, DESUGARED_TYPE);
	enum ctype result;

	if (name[0] == '\0')
		name = node_text(node, TYPE);
	result = type_of_name(name);
	if (result != TYPE_BOOL)
		return result;
	for (size_t i = 0; i < sizeof outside_types / sizeof *outside_types; i++) {
		if (strstr(name, outside_types[i].what))
			refuse(node, "type '%s': %s", name, outside_types[i].why);
	}
	refuse(node, "type '%s': only void, int and unsigned int are in the subset", name);
}

/* ---------------------------------------------------------------- kinds */

static const struct reason outside_kinds[] = {
	{ "GotoStmt", "goto: control flow is structured in the subset" },
	{ "IndirectGotoStmt", "computed goto: control flow is structured in the subset" },
	{ "LabelStmt", "label: control flow is structured in the subset" },
	{ "SwitchStmt", "switch: write if and else" },
	{ "GCCAsmStmt", "inline assembly: it has no meaning in the C subset" },
	{ "AttributedStmt", "attribute on a statement: it may change the meaning" },
	{ "StmtExpr", "statement expression: not C11" },
	{ "CompoundAssignOperator", "compound assignment: write x = x + 1U" },
	{ "BinaryConditionalOperator", "?: without a middle operand: not C11" },
	{ "ArraySubscriptExpr", "array access: the subset has no memory" },
	{ "MemberExpr", "member access: the subset has no memory" },
	{ "CompoundLiteralExpr", "compound literal: the subset has no memory" },
	{ "InitListExpr", "braces around a value: write the value alone" },
	{ "CharacterLiteral", "character constant: write the number" },
	{ "FloatingLiteral", "floating-point constant" },
	{ "UnaryExprOrTypeTraitExpr", "sizeof or _Alignof: write the number" },
	{ "OffsetOfExpr", "offsetof: write the number" },
	{ "GenericSelectionExpr", "_Generic: write the expression that it selects" },
	{ "ChooseExpr", "__builtin_choose_expr: not C11" },
	{ "AtomicExpr", "atomic operation: these are floor 0, behind functions" },
};

void refuse_kind(const struct node *node)
{
	for (size_t i = 0; i < sizeof outside_kinds / sizeof *outside_kinds; i++) {
		if (node_is(node, outside_kinds[i].what))
			refuse(node, "%s", outside_kinds[i].why);
	}
	refuse(node, "%s: not in the subset (the name is clang's)", node_kind(node));
}

/* ----------------------------------------------------------- attributes */

bool is_attribute(const struct node *node)
{
	const char *kind = node_kind(node);
	const size_t length = strlen(kind), suffix = strlen("Attr");

	return length > suffix && strcmp(kind + length - suffix, "Attr") == 0;
}

/* clang attaches documentation comments to declarations. */
bool is_comment(const struct node *node)
{
	return node_is(node, "FullComment");
}

/* These change how code is laid out or which warnings are given, or say what
 * the proof shows anyway (a function never returns).  The last are those of clang's
 * -Wthread-safety that the header has: of what is compiled they change nothing. */
static bool is_harmless(const struct node *attribute)
{
	static const char *const harmless[] = { "AlwaysInlineAttr", "ColdAttr", "UnusedAttr",
						"C11NoReturnAttr", "AlignedAttr", "AcquireCapabilityAttr",
						"ReleaseCapabilityAttr", "RequiresCapabilityAttr",
						"AssertCapabilityAttr", "LocksExcludedAttr",
						"NoThreadSafetyAnalysisAttr" };

	for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
		if (node_is(attribute, harmless[i]))
			return true;
	}
	return false;
}

void check_attributes(const struct node *declaration)
{
	for (size_t i = 0; i < declaration->count; i++) {
		const struct node *attribute = child(declaration, i);

		if (is_attribute(attribute) && !is_harmless(attribute))
			refuse(attribute, "attribute %.*s: it may change what '%s' means",
			       (int)(strlen(node_kind(attribute)) - strlen("Attr")),
			       node_kind(attribute), node_text(declaration, NAME));
	}
}
