# The bare-metal guest: no operating system, no memory but its own, some hundred instructions.
#
# It runs where it is loaded, in M mode (-bios none) or in S mode above an SBI. It prints a banner once per boot, then one
# line per tick, and checks a slice of a pattern in memory between the lines:
#
#     bare guest: mode M boot 1 pattern 81000000 100000
#     N 1 2000012 ok                 N, lines so far, time CSR, and "ok" or "BAD" and the first address that was wrong
#
# The boot count is kept in RAM, so a guest that was reset says "boot 2". Between the lines the hart sleeps in wfi, woken by
# its timer or by the UART through the PLIC. Keys: q powers off, r resets, s prints the state, b breaks one word of the
# pattern (to see that the check sees it), z suspends the machine to RAM if there is an SBI (SLEEP, and AWAKE when it is
# woken), w sets the watchdog to three seconds for each stage and never feeds it, any other key is echoed in brackets.
#
# Three numbers after the first jump can be changed in a copy of the file: where the pattern is (the page below it holds
# the boot count and the stack), how long it is (a multiple of 64 KiB), and how many units of the time CSR a tick is.

        .equ    UART, 0x10000000
        .equ    PLIC, 0x0c000000
        .equ    MTIMECMP, 0x02004000
        .equ    SYSCON, 0x00100000
        .equ    WATCHDOG, 0x04000000
        .equ    UART_IRQ, 10
        .equ    SLICE, 0x10000
        .equ    MAGIC, 0x6b697474
        # Offsets in the page below the pattern.
        .equ    BOOT_MAGIC, 0
        .equ    BOOT_COUNT, 8
        .equ    TICKS, 16
        .equ    KEY, 24
        .equ    MODE, 32                # kept in memory for the trap handler as well
        .equ    SAVED, 64               # s0 and s2 to s10, sp, stvec, sie, while the machine sleeps
        # s0 UART   s1 page below the pattern   s2 lines   s3 mode: 0 M, 1 S   s4 tick   s5 pattern   s6 its length
        # s7 cursor   s8 seed   s9 first bad address, 0 if none   s10 ticks seen   s11 time of the next tick

        .section .text
        .globl  _start
_start:
        j       start
        .balign 8
pattern_base:
        .dword  0x81000000
pattern_size:
        .dword  0x100000
tick:
        .dword  2000000                 # 0.2 s of a 10 MHz clock

start:
        # Which mode? Writing mtvec is illegal in S mode, and the trap arrives where stvec points.
        li      s3, 1
        la      t0, 1f
        csrw    stvec, t0
        li      s3, 0
        la      t0, trap
        csrw    mtvec, t0
        j       2f
        .balign 4
1:      li      s3, 1
        la      t0, trap
        csrw    stvec, t0
2:      li      s0, UART
        ld      s5, pattern_base
        ld      s6, pattern_size
        ld      s4, tick
        li      t0, -4096
        add     s1, s5, t0
        mv      sp, s5
        sd      s3, MODE(s1)

        # Count the boots.
        li      t0, MAGIC
        ld      t1, BOOT_MAGIC(s1)
        beq     t0, t1, 3f
        sd      t0, BOOT_MAGIC(s1)
        sd      zero, BOOT_COUNT(s1)
3:      ld      t1, BOOT_COUNT(s1)
        addi    t1, t1, 1
        sd      t1, BOOT_COUNT(s1)
        sd      zero, TICKS(s1)
        sd      zero, KEY(s1)

        # UART: 8N1, FIFOs on, interrupt when a key arrives.
        li      t0, 3
        sb      t0, 3(s0)
        li      t0, 7
        sb      t0, 2(s0)
        li      t0, 8
        sb      t0, 4(s0)
        li      t0, 1
        sb      t0, 1(s0)

        la      a0, banner
        call    puts
        la      a0, mode_m
        beqz    s3, 4f
        la      a0, mode_s
4:      call    puts
        ld      a0, BOOT_COUNT(s1)
        call    decimal
        la      a0, banner_pattern
        call    puts
        mv      a0, s5
        call    hexadecimal
        li      a0, ' '
        call    putc
        mv      a0, s6
        call    hexadecimal
        call    newline

        # Fill the pattern: each word is its address, mixed with a seed that differs from boot to boot.
        rdtime  s8
        slli    s8, s8, 8
        mv      t0, s5
        add     t1, s5, s6
5:      call    word
        sd      t2, 0(t0)
        addi    t0, t0, 8
        bltu    t0, t1, 5b
        mv      s7, s5
        li      s2, 0
        li      s9, 0
        li      s10, 0

        # Interrupts: PLIC context 0 is M mode's, 1 is S mode's.
        li      t0, PLIC
        li      t1, 1
        sw      t1, UART_IRQ * 4(t0)
        slli    t2, s3, 7
        li      t3, PLIC + 0x2000
        add     t3, t3, t2
        li      t1, 1 << UART_IRQ
        sw      t1, 0(t3)
        call    plic_context
        sw      zero, 0(t3)
        rdtime  s11
        add     s11, s11, s4
        mv      a0, s11
        call    set_timer
        bnez    s3, 6f
        li      t0, (1 << 7) | (1 << 11)
        csrw    mie, t0
        j       loop
6:      li      t0, (1 << 5) | (1 << 9)
        csrw    sie, t0

        # Interrupts are on only in the one instruction between "on" and "off", so none is lost between the look at what
        # happened and wfi, and the trap handler may use every t and a register.
loop:
        ld      t0, TICKS(s1)
        bne     t0, s10, on_tick
        ld      t0, KEY(s1)
        bnez    t0, on_key
        wfi
        bnez    s3, 7f
        csrsi   mstatus, 8
        nop
        csrci   mstatus, 8
        j       loop
7:      csrsi   sstatus, 2
        nop
        csrci   sstatus, 2
        j       loop

on_tick:
        mv      s10, t0
        mv      t0, s7
        li      t1, SLICE
        add     t1, t1, s7
8:      call    word
        ld      t3, 0(t0)
        beq     t2, t3, 9f
        bnez    s9, 9f
        mv      s9, t0
9:      addi    t0, t0, 8
        bltu    t0, t1, 8b
        mv      s7, t0
        add     t1, s5, s6
        bltu    s7, t1, 10f
        mv      s7, s5
10:     addi    s2, s2, 1
        li      a0, 'N'
        call    putc
        li      a0, ' '
        call    putc
        call    state
        j       loop

on_key:
        sd      zero, KEY(s1)
        mv      s11, t0
        li      t1, 'q'
        li      t2, 0x5555
        beq     t0, t1, power
        li      t1, 'r'
        li      t2, 0x7777
        beq     t0, t1, power
        li      t1, 'b'
        bne     t0, t1, 11f
        sd      zero, 0(s7)             # the slice that is checked next
11:     li      t1, 's'
        bne     t0, t1, 12f
        la      a0, state_text
        call    puts
        ld      a0, BOOT_COUNT(s1)
        call    decimal
        la      a0, lines
        call    puts
        call    state
        j       loop
12:     li      t1, 'w'
        bne     t0, t1, 30f
        li      t1, WATCHDOG
        li      t2, 3 * 32768
        sw      t2, 0(t1)
        li      t2, 3
        sw      t2, 8(t1)
30:     li      t1, 'z'
        bne     t0, t1, 29f
        bnez    s3, sleep
29:     li      a0, '['
        call    putc
        mv      a0, s11
        call    putc
        li      a0, ']'
        call    putc
        call    newline
        j       loop

# Suspends to RAM. Of the registers only a0 and a1 mean anything when the machine is woken.
sleep:
        la      a0, sleep_text
        call    puts
        sd      s0, SAVED + 0(s1)
        sd      s2, SAVED + 8(s1)
        sd      s3, SAVED + 16(s1)
        sd      s4, SAVED + 24(s1)
        sd      s5, SAVED + 32(s1)
        sd      s6, SAVED + 40(s1)
        sd      s7, SAVED + 48(s1)
        sd      s8, SAVED + 56(s1)
        sd      s9, SAVED + 64(s1)
        sd      s10, SAVED + 72(s1)
        sd      sp, SAVED + 80(s1)
        csrr    t0, stvec
        sd      t0, SAVED + 88(s1)
        csrr    t0, sie
        sd      t0, SAVED + 96(s1)
        li      a7, 0x53555350
        li      a6, 0
        li      a0, 0
        la      a1, awake
        mv      a2, s1
        ecall
        mv      s11, a0                 # still here: it was refused
        la      a0, refused
        call    puts
        neg     a0, s11
        call    decimal
        call    newline
        j       loop
awake:
        mv      s1, a1
        mv      s11, a0
        ld      s0, SAVED + 0(s1)
        ld      s2, SAVED + 8(s1)
        ld      s3, SAVED + 16(s1)
        ld      s4, SAVED + 24(s1)
        ld      s5, SAVED + 32(s1)
        ld      s6, SAVED + 40(s1)
        ld      s7, SAVED + 48(s1)
        ld      s8, SAVED + 56(s1)
        ld      s9, SAVED + 64(s1)
        ld      s10, SAVED + 72(s1)
        ld      sp, SAVED + 80(s1)
        ld      t0, SAVED + 88(s1)
        csrw    stvec, t0
        ld      t0, SAVED + 96(s1)
        csrw    sie, t0
        la      a0, awake_text
        call    puts
        mv      a0, s11
        call    decimal
        call    newline
        j       loop

power:
        li      t0, SYSCON
        sw      t2, 0(t0)
        j       power

# Prints how many lines there were, the time, and whether the pattern is whole.
state:
        mv      s11, ra
        mv      a0, s2
        call    decimal
        li      a0, ' '
        call    putc
        rdtime  a0
        call    decimal
        bnez    s9, 13f
        la      a0, good
        call    puts
        mv      ra, s11
        j       newline
13:     la      a0, bad
        call    puts
        mv      a0, s9
        call    hexadecimal
        mv      ra, s11
        j       newline

# t2 = what belongs at address t0
word:
        li      t2, 0x9e3779b9
        mul     t2, t2, t0
        xor     t2, t2, s8
        ret

# t3 = threshold register of our PLIC context; claim and complete is 4 above
plic_context:
        slli    t2, s3, 12
        li      t3, PLIC + 0x200000
        add     t3, t3, t2
        ret

# Asks for a timer interrupt at time a0.
set_timer:
        bnez    s3, 14f
        li      t0, MTIMECMP
        sd      a0, 0(t0)
        ret
14:     li      a7, 0x54494d45
        li      a6, 0
        ecall
        ret

putc:
15:     lbu     t6, 5(s0)
        andi    t6, t6, 0x20
        beqz    t6, 15b
        sb      a0, 0(s0)
        ret

newline:
        li      a0, '\n'
        j       putc

puts:
        mv      t4, a0
        mv      t5, ra
16:     lbu     a0, 0(t4)
        beqz    a0, 17f
        call    putc
        addi    t4, t4, 1
        j       16b
17:     jr      t5

hexadecimal:
        li      t3, 16
        j       18f
decimal:
        li      t3, 10
18:     mv      t5, ra
        mv      t4, sp
19:     remu    t2, a0, t3
        divu    a0, a0, t3
        addi    t2, t2, '0'
        li      t1, '9'
        ble     t2, t1, 20f
        addi    t2, t2, 'a' - '9' - 1
20:     addi    t4, t4, -1
        sb      t2, 0(t4)
        bnez    a0, 19b
21:     lbu     a0, 0(t4)
        call    putc
        addi    t4, t4, 1
        bne     t4, sp, 21b
        jr      t5

        .balign 4
trap:
        ld      s3, MODE(s1)
        csrr    t0, scause
        bnez    s3, 22f
        csrr    t0, mcause
22:     bgez    t0, died
        andi    t0, t0, 15
        sub     t0, t0, s3              # M 7 and 11, S 5 and 9: M is 2 above S
        sub     t0, t0, s3              # ... which leaves 3 and 7 for S
        li      t1, 7
        beq     t0, t1, 23f
        li      t1, 3
        beq     t0, t1, 24f
        j       external
23:     bnez    s3, external            # 7 is M's timer, but S's 9 - 2
24:     ld      t0, TICKS(s1)
        addi    t0, t0, 1
        sd      t0, TICKS(s1)
        csrr    a0, time
        add     a0, a0, s4
        call    set_timer
        j       leave
external:
        call    plic_context
        lw      t0, 4(t3)
        li      t1, UART_IRQ
        bne     t0, t1, 25f
        lbu     t1, 0(s0)
        sd      t1, KEY(s1)
25:     sw      t0, 4(t3)
leave:
        bnez    s3, 26f
        mret
26:     sret

died:
        mv      s2, t0
        la      a0, trap_text
        call    puts
        mv      a0, s2
        call    hexadecimal
        li      a0, ' '
        call    putc
        csrr    a0, sepc
        bnez    s3, 27f
        csrr    a0, mepc
27:     call    hexadecimal
        call    newline
28:     wfi
        j       28b

banner: .string "bare guest: mode "
mode_m: .string "M boot "
mode_s: .string "S boot "
banner_pattern:
        .string " pattern "
state_text:
        .string "STATE boot "
lines:  .string " lines "
sleep_text:
        .string "SLEEP\n"
awake_text:
        .string "AWAKE hart "
refused:
        .string "REFUSED -"
good:   .string " ok"
bad:    .string " BAD "
trap_text:
        .string "TRAP "
