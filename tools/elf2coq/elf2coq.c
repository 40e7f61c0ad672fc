/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * elf2coq NAME FILE: an aarch64 object file, or an archive of one, as a Coq definition
 * NAME of object/armv8_decode.v's object_file, on standard output.
 *
 * Taken are the bytes of the one section of code, its relocations, its functions, and the
 * size of the array of lock words.  A relocation is written relative to that array.  What
 * is not known is refused, with its offset, and then nothing is printed: the status is 1; 2
 * is for wrong usage.
 */
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY "hlock_words"

struct object {
	Elf *elf;
	Elf_Scn *text, *symtab;
	size_t text_index, symbols, names;   /* names: the section of the symbols' names */
	GElf_Shdr text_header;
	Elf_Data *bytes, *symbol_data;
	GElf_Sym array;
};

static const char *file_name;
static FILE *out;   /* what is refused has printed nothing */

__attribute__((noreturn, format(printf, 2, 3))) static void refuse(uint64_t offset, const char *why, ...)
{
	va_list args;

	fprintf(stderr, "%s: offset 0x%" PRIx64 ": ", file_name, offset);
	va_start(args, why);
	vfprintf(stderr, why, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static GElf_Shdr header_of(Elf_Scn *section)
{
	GElf_Shdr header;

	if (!gelf_getshdr(section, &header))
		refuse(0, "a section has no header: %s", elf_errmsg(-1));
	return header;
}

/* The symbol's name.  It is a name of C, so it needs no quoting in Coq. */
static const char *name_of(const struct object *o, const GElf_Sym *symbol)
{
	const char *name = elf_strptr(o->elf, o->names, symbol->st_name);

	if (!name || !*name || name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")])
		refuse(symbol->st_value, "the name of a symbol is not one of C");
	return name;
}

static GElf_Sym symbol_at(const struct object *o, size_t i)
{
	GElf_Sym symbol;

	if (i >= o->symbols || !gelf_getsym(o->symbol_data, (int)i, &symbol))
		refuse(0, "there is no symbol %zu", i);
	return symbol;
}

/* The section of code, which has all its bytes in the file, and the symbols. */
static void find_sections(struct object *o)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(o->elf, section))) {
		GElf_Shdr header = header_of(section);

		if (header.sh_type == SHT_SYMTAB) {
			if (o->symtab)
				refuse(header.sh_offset, "a second table of symbols");
			o->symtab = section;
		}
		if (!(header.sh_flags & SHF_EXECINSTR) || header.sh_size == 0)
			continue;
		if (o->text)
			refuse(header.sh_offset, "a second section of code");
		if (header.sh_type != SHT_PROGBITS)
			refuse(header.sh_offset, "the section of code is of type %" PRIu32, header.sh_type);
		o->text = section;
		o->text_index = elf_ndxscn(section);
		o->text_header = header;
	}
	if (!o->text || !o->symtab)
		refuse(0, "no code, or no symbols");
	o->bytes = elf_rawdata(o->text, NULL);
	if (!o->bytes || !o->bytes->d_buf || o->bytes->d_size != o->text_header.sh_size)
		refuse(o->text_header.sh_offset, "the code is cut off");
	o->symbol_data = elf_getdata(o->symtab, NULL);
	if (!o->symbol_data)
		refuse(0, "the symbols are cut off");
	o->symbols = o->symbol_data->d_size / sizeof(Elf64_Sym);
	o->names = header_of(o->symtab).sh_link;
}

static void find_array(struct object *o)
{
	bool found = false;
	GElf_Shdr section;

	for (size_t i = 1; i < o->symbols; i++) {
		GElf_Sym symbol = symbol_at(o, i);
		const char *name = elf_strptr(o->elf, o->names, symbol.st_name);

		if (!name || strcmp(name, ARRAY) != 0)
			continue;
		if (found)
			refuse(symbol.st_value, "a second " ARRAY);
		found = true;
		o->array = symbol;
	}
	if (!found || GELF_ST_TYPE(o->array.st_info) != STT_OBJECT || o->array.st_shndx == SHN_UNDEF ||
	    o->array.st_shndx >= SHN_LORESERVE || o->array.st_shndx == o->text_index)
		refuse(0, "no array " ARRAY " is defined");
	section = header_of(elf_getscn(o->elf, o->array.st_shndx));
	if (section.sh_type != SHT_NOBITS || o->array.st_value > section.sh_size ||
	    o->array.st_size > section.sh_size - o->array.st_value)
		refuse(o->array.st_value, ARRAY " is not of zeros, or is not in its section");
}

static void print_bytes(const struct object *o)
{
	const unsigned char *bytes = o->bytes->d_buf;

	/* In lines: one list of many elements is too deep for Coq. */
	fprintf(out, "  text := List.concat [");
	for (size_t i = 0; i < o->bytes->d_size; i++)
		fprintf(out, "%s%d", i % 24 ? "; " : i ? "];\n    [" : "\n    [", bytes[i]);
	fprintf(out, "]];\n");
}

static const char *kind_of(uint64_t offset, uint32_t type)
{
	switch (type) {
	case R_AARCH64_ADR_PREL_PG_HI21:
		return "Page_21";
	case R_AARCH64_ADD_ABS_LO12_NC:
		return "Add_12";
	case R_AARCH64_LDST32_ABS_LO12_NC:
		return "Access_12";
	default:
		refuse(offset, "a relocation of type %" PRIu32 " is not known", type);
	}
}

/* Each is relative to the array, by its symbol or by that of its section. */
static void print_relocation(const struct object *o, const GElf_Rela *r, bool first)
{
	const char *kind = kind_of(r->r_offset, (uint32_t)GELF_R_TYPE(r->r_info));
	GElf_Sym symbol = symbol_at(o, GELF_R_SYM(r->r_info));

	if (r->r_offset % 4 != 0 || r->r_offset >= o->text_header.sh_size)
		refuse(r->r_offset, "a relocation of no instruction");
	if (symbol.st_shndx != o->array.st_shndx)
		refuse(r->r_offset, "a relocation to something other than " ARRAY);
	fprintf(out, "%s(%" PRIu64 ", %s (%" PRId64 "))", first ? "" : ";\n    ", r->r_offset, kind,
	       (int64_t)(symbol.st_value + (uint64_t)r->r_addend - o->array.st_value));
}

static void print_relocations(const struct object *o)
{
	Elf_Scn *section = NULL;
	bool first = true;

	fprintf(out, "  relocations := [");
	while ((section = elf_nextscn(o->elf, section))) {
		GElf_Shdr header = header_of(section);
		Elf_Data *data;

		if ((header.sh_type != SHT_RELA && header.sh_type != SHT_REL) || header.sh_info != o->text_index)
			continue;
		if (header.sh_type == SHT_REL)
			refuse(header.sh_offset, "relocations without addends");
		data = elf_getdata(section, NULL);
		if (!data || data->d_size != header.sh_size)
			refuse(header.sh_offset, "the relocations are cut off");
		for (size_t i = 0; i < data->d_size / sizeof(Elf64_Rela); i++) {
			GElf_Rela r;

			if (!gelf_getrela(data, (int)i, &r))
				refuse(header.sh_offset, "there is no relocation %zu", i);
			print_relocation(o, &r, first);
			first = false;
		}
	}
	fprintf(out, "];\n");
}

/* No function before symbol [i] has its name. */
static void refuse_second(const struct object *o, size_t i, const char *name)
{
	for (size_t j = 1; j < i; j++) {
		GElf_Sym other = symbol_at(o, j);

		if (GELF_ST_TYPE(other.st_info) == STT_FUNC && strcmp(name_of(o, &other), name) == 0)
			refuse(other.st_value, "two functions %s", name);
	}
}

static void print_functions(const struct object *o)
{
	bool first = true;

	fprintf(out, "  symbols := [");
	for (size_t i = 1; i < o->symbols; i++) {
		GElf_Sym symbol = symbol_at(o, i);

		if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF)
			continue;
		if (symbol.st_shndx != o->text_index)
			refuse(symbol.st_value, "the function %s is in another section", name_of(o, &symbol));
		refuse_second(o, i, name_of(o, &symbol));
		fprintf(out, "%s(\"%s\"%%string, %" PRIu64 ")", first ? "" : ";\n    ", name_of(o, &symbol),
			symbol.st_value);
		first = false;
	}
	fprintf(out, "];\n");
}

static void print_object(Elf *elf, const char *name)
{
	struct object o = {.elf = elf};
	GElf_Ehdr header;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		refuse(0, "this is no ELF file");
	if (gelf_getclass(elf) != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    header.e_machine != EM_AARCH64 || header.e_type != ET_REL)
		refuse(0, "this is no relocatable object of little-endian aarch64");
	find_sections(&o);
	find_array(&o);
	fprintf(out, "Definition %s : object_file := {|\n", name);
	print_bytes(&o);
	print_relocations(&o);
	print_functions(&o);
	fprintf(out, "  array_size := %" PRIu64 "\n|}.\n", o.array.st_size);
}

int main(int argc, char **argv)
{
	char *text = NULL;
	size_t size = 0;
	int file;
	Elf *elf, *member;

	if (argc != 3 || elf_version(EV_CURRENT) == EV_NONE) {
		fputs("usage: elf2coq NAME FILE\n", stderr);
		return 2;
	}
	file_name = argv[2];
	file = open(file_name, O_RDONLY);
	if (file < 0 || !(elf = elf_begin(file, ELF_C_READ, NULL))) {
		fprintf(stderr, "%s: cannot be read\n", file_name);
		return 1;
	}
	out = open_memstream(&text, &size);
	if (!out)
		return 1;
	if (elf_kind(elf) == ELF_K_AR) {
		bool found = false;

		while ((member = elf_begin(file, ELF_C_READ, elf))) {
			Elf_Arhdr *header = elf_getarhdr(member);

			if (header && header->ar_name[0] != '/') {
				if (found)
					refuse(0, "an archive of more than one object");
				found = true;
				print_object(member, argv[1]);
			}
			elf_next(member);
			elf_end(member);
		}
		if (!found)
			refuse(0, "an archive of no object");
	} else {
		print_object(elf, argv[1]);
	}
	elf_end(elf);
	close(file);
	if (fclose(out) != 0 || fwrite(text, 1, size, stdout) != size || fflush(stdout) != 0) {
		fputs("elf2coq: cannot be written\n", stderr);
		return 1;
	}
	free(text);
	return 0;
}
