package dev.cprkit.it.cpu;

/**
 * What a sequence is run under.
 *
 * @param mode it starts in: 0 user, 1 supervisor, 3 machine
 * @param old for QEMU before 8.0: without what that gets wrong, which is trap returns to another mode (they must clear
 *     MPRV), instructions that end in a page that cannot be fetched (it aborts), {@code ctzw} of zero, store-conditional
 *     where PMP forbids stores
 * @param delegated some traps go to the supervisor's handler
 * @param external the external interrupt is pending, if one is: QEMU would take any other before it
 * @param guarded PMP guards pages of the zoo and parts of the block. QEMU lets an AMO read before it looks whether it may
 *     write, so that AMOs stay away from what may be guarded
 * @param trapped TVM, TW and TSR of mstatus
 */
record Setting(int mode, boolean old, boolean delegated, boolean external, boolean guarded, long trapped) {
    private static final long TW = 1 << 21;

    static Setting choose(Choice choice, boolean old) {
        int mode = choice.chance(3) ? 3 : choice.below(2);
        return new Setting(
                mode,
                old,
                mode != 3 && choice.chance(3),
                choice.chance(2),
                choice.chance(4),
                mode == 1 && choice.chance(6) ? (long) choice.below(8) << 20 : 0);
    }

    boolean machine() {
        return mode == 3;
    }

    boolean user() {
        return mode == 0;
    }

    /** Whether {@code wfi} is illegal, and does not wait. */
    boolean waitingIsTrapped() {
        return user() || (trapped & TW) != 0;
    }
}
