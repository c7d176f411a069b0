# The bare guest of an x86 PC: a boot sector, in real mode, with no memory but its own.
#
# It prints on the first serial line, as the RISC-V one (../bare/bare.S) does, a banner once per boot, then a line per
# tick, and checks a pattern in memory between the lines:
#
#     bare guest: mode R boot 1 pattern 20000 8000
#     N 1 0001 ok                    N, lines so far, the BIOS's ticks (1/18.2 s) in hexadecimal, and "ok" or "BAD"
#
# Between the lines the processor sleeps in hlt. Keys: q powers off through the debug exit device, if there is one
# (port 0x501), r resets; any other key is ignored. The boot count is kept in RAM, so a guest that was reset says "boot 2".

        .code16
        .equ    COM1, 0x3f8
        .equ    EXIT, 0x501
        .equ    PATTERN, 0x2000         # segment
        .equ    WORDS, 0x4000           # 32 KiB
        .equ    TICKS, 0x46c            # in the BIOS data area
        .equ    MAGIC, 0x6b69
        .equ    BOOT_MAGIC, 0x600
        .equ    BOOT_COUNT, 0x602
        .equ    LINES, 0x604            # 32 bits

        .section .text
        .globl  _start
_start:
        ljmp    $0, $start
start:
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7c00, %sp
        cld
        # 115200 baud, 8N1, FIFOs on.
        movw    $COM1 + 3, %dx
        movb    $0x80, %al
        outb    %al, %dx
        movw    $COM1, %dx
        movb    $1, %al
        outb    %al, %dx
        incw    %dx
        xorb    %al, %al
        outb    %al, %dx
        movw    $COM1 + 3, %dx
        movb    $3, %al
        outb    %al, %dx
        decw    %dx
        movb    $7, %al
        outb    %al, %dx

        cmpw    $MAGIC, BOOT_MAGIC
        je      1f
        movw    $MAGIC, BOOT_MAGIC
        movw    $0, BOOT_COUNT
1:      incw    BOOT_COUNT
        movl    $0, LINES
        movw    $banner, %si
        call    puts
        movzwl  BOOT_COUNT, %eax
        call    decimal
        movw    $pattern, %si
        call    puts

        # Fill the pattern: each word is its own offset, turned over.
        movw    $PATTERN, %ax
        movw    %ax, %es
        xorw    %di, %di
        movw    $WORDS, %cx
2:      movw    %di, %ax
        notw    %ax
        stosw
        loop    2b
        sti

tick:   movw    TICKS, %bx
3:      hlt
        movw    $COM1 + 5, %dx
        inb     %dx, %al
        testb   $1, %al
        jz      4f
        movw    $COM1, %dx
        inb     %dx, %al
        cmpb    $'q', %al
        je      power_off
        cmpb    $'r', %al
        je      reset
4:      movw    TICKS, %ax
        subw    %bx, %ax
        cmpw    $2, %ax
        jb      3b

        # Check all of it, then tell.
        movw    $PATTERN, %ax
        movw    %ax, %es
        xorw    %di, %di
        movw    $WORDS, %cx
        movw    $ok, %si
5:      movw    %di, %ax
        notw    %ax
        scasw
        je      6f
        movw    $bad, %si
6:      loop    5b
        pushw   %si
        incl    LINES
        movw    $line, %si
        call    puts
        movl    LINES, %eax
        call    decimal
        movb    $' ', %al
        call    putc
        movw    TICKS, %ax
        call    hexadecimal
        popw    %si
        call    puts
        jmp     tick

power_off:
        movw    $EXIT, %dx
        xorb    %al, %al
        outb    %al, %dx
        jmp     tick
reset:
        movb    $0xfe, %al              # the keyboard controller's reset line
        outb    %al, $0x64
        jmp     tick

# Prints the text at si, which ends with a zero.
puts:   lodsb
        testb   %al, %al
        jz      7f
        call    putc
        jmp     puts
7:      ret

# Prints al.
putc:   pushw   %dx
        pushw   %ax
        movw    $COM1 + 5, %dx
8:      inb     %dx, %al
        testb   $0x20, %al
        jz      8b
        popw    %ax
        movw    $COM1, %dx
        outb    %al, %dx
        popw    %dx
        ret

# Prints eax in decimal.
decimal:
        movl    $10, %ecx
        xorl    %edx, %edx
        divl    %ecx
        pushw   %dx
        testl   %eax, %eax
        jz      9f
        call    decimal
9:      popw    %ax
        addb    $'0', %al
        jmp     putc

# Prints ax in hexadecimal, four digits.
hexadecimal:
        movw    $4, %cx
10:     rolw    $4, %ax
        pushw   %ax
        andb    $15, %al
        cmpb    $10, %al
        sbbb    $0x69, %al
        das
        call    putc
        popw    %ax
        loop    10b
        ret

banner: .asciz  "bare guest: mode R boot "
pattern: .asciz " pattern 20000 8000\r\n"
line:   .asciz  "N "
ok:     .asciz  " ok\r\n"
bad:    .asciz  " BAD\r\n"

        .org    510
        .word   0xaa55
