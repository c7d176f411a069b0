# Entry of every kernel: M mode, one hart. Calls run(repetitions) and leaves its result in a0, then stops at `done`.
# The harness puts the number of repetitions into a0.
    .section .text.start
    .globl _start
_start:
    la      sp, stack_top
    li      t0, 0x6000              # mstatus.FS: floating point on
    csrs    mstatus, t0
    call    run
done:
    wfi
    j       done
