#define _GNU_SOURCE
#include "image.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FUSES_AT 0x820000u
#define NOT_WRITTEN 0xFF

static void copy_segment(struct image *image, const GElf_Phdr *segment, const char *bytes)
{
    uint64_t at = segment->p_paddr;
    uint64_t size = segment->p_filesz;

    if (segment->p_type != PT_LOAD || size == 0) {
        return;
    }
    if (at + size <= IMAGE_FLASH_SIZE) {
        memcpy(image->flash + at, bytes + segment->p_offset, size);
    } else if (at == FUSES_AT && size == IMAGE_FUSES) {
        memcpy(image->fuses, bytes + segment->p_offset, size);
    }
}

static void copy_segments(struct image *image, Elf *elf)
{
    size_t count = 0;
    size_t size;
    const char *bytes = elf_rawfile(elf, &size);

    (void)elf_getphdrnum(elf, &count);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;

        if (gelf_getphdr(elf, (int)i, &segment) != NULL &&
            segment.p_offset + segment.p_filesz <= size) {
            copy_segment(image, &segment, bytes);
        }
    }
}

static void keep_symbol(struct image *image, const char *name, uint64_t address)
{
    if (name == NULL || *name == '\0' || strlen(name) >= IMAGE_NAME_SIZE ||
        image->symbols == IMAGE_SYMBOLS_MAX) {
        return;
    }
    struct image_symbol *symbol = &image->symbol[image->symbols++];
    memcpy(symbol->name, name, strlen(name) + 1);
    symbol->address = (uint32_t)address;
}

static void read_symbols(struct image *image, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(section, NULL);
    int count = (int)(header->sh_size / header->sh_entsize);

    for (int i = 0; i < count; i++) {
        GElf_Sym symbol;

        if (gelf_getsym(data, i, &symbol) != NULL) {
            keep_symbol(image, elf_strptr(elf, header->sh_link, symbol.st_name), symbol.st_value);
        }
    }
}

static void read_sections(struct image *image, Elf *elf)
{
    Elf_Scn *section = NULL;

    while ((section = elf_nextscn(elf, section)) != NULL) {
        GElf_Shdr header;

        if (gelf_getshdr(section, &header) != NULL && header.sh_type == SHT_SYMTAB) {
            read_symbols(image, elf, section, &header);
        }
    }
}

bool image_read(struct image *image, const char *path)
{
    memset(image, 0, sizeof *image);
    memset(image->flash, NOT_WRITTEN, sizeof image->flash);
    elf_version(EV_CURRENT);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        perror(path);
        return false;
    }
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    bool is_elf = elf != NULL && elf_kind(elf) == ELF_K_ELF;
    if (is_elf) {
        copy_segments(image, elf);
        read_sections(image, elf);
    } else {
        fprintf(stderr, "%s: no ELF file; make -C firmware-bridge/firmware/avr builds it\n", path);
    }
    elf_end(elf);
    close(fd);
    return is_elf;
}

bool image_find(const struct image *image, const char *name, uint32_t *address)
{
    for (size_t i = 0; i < image->symbols; i++) {
        if (strcmp(image->symbol[i].name, name) == 0) {
            *address = image->symbol[i].address;
            return true;
        }
    }
    return false;
}
