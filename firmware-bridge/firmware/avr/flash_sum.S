; The last two bytes of the flash: its checksum, filled in by the build.
        .section .flash_sum, "a", @progbits
        .global flash_sum
flash_sum:
        .word   0
