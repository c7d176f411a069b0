package dev.cprkit.it.cprctl;

import dev.cprkit.agent.operation.ModeChoice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What can be on the other end of the engine: a program, and the machine that it runs there. */
enum Peer {
    /** The emulator of the classes under test. */
    VMM(GuestMachine.RISCV64, "", true, true),
    /** The first QEMU with cpr-transfer. */
    QEMU_RISCV64(GuestMachine.RISCV64, QemuUnderTest.reason(), false, false),
    QEMU_X86(GuestMachine.X86, "needs qemu-system-x86_64 beside the other: " + QemuUnderTest.reason(), false, false),
    /** The newest one, which knows cpr-exec. */
    NEWEST_RISCV64(GuestMachine.RISCV64, QemuUnderTest.newestReason(), true, false),
    NEWEST_X86(
            GuestMachine.X86,
            "needs qemu-system-x86_64 beside the other: " + QemuUnderTest.newestReason(),
            true,
            false);

    private final GuestMachine machine;
    private final String reason;
    private final boolean knowsExec;
    private final boolean ours;

    Peer(GuestMachine machine, String reason, boolean knowsExec, boolean ours) {
        this.machine = machine;
        this.reason = reason;
        this.knowsExec = knowsExec;
        this.ours = ours;
    }

    /** Its program, made in {@code folder} if it has to be; empty if this host has none. */
    Optional<Path> find(Path folder) throws Exception {
        return switch (this) {
            case VMM -> Optional.of(VmmUnderTest.launcher(folder));
            case QEMU_RISCV64 -> QemuUnderTest.find();
            case QEMU_X86 -> QemuUnderTest.find().flatMap(QemuUnderTest::x86);
            case NEWEST_RISCV64 -> QemuUnderTest.newest();
            case NEWEST_X86 -> QemuUnderTest.newest().flatMap(QemuUnderTest::x86);
        };
    }

    /** Why there is none. */
    String reason() {
        return reason;
    }

    GuestMachine machine() {
        return machine;
    }

    /** Whether it knows cpr-exec. */
    boolean knowsExec() {
        return knowsExec;
    }

    /** The modes that it knows. */
    List<ModeChoice> modes() {
        return knowsExec
                ? List.of(ModeChoice.TRANSFER, ModeChoice.EXEC, ModeChoice.REBOOT)
                : List.of(ModeChoice.TRANSFER, ModeChoice.REBOOT);
    }

    /** Long enough for an update to get to the process that is to hang, and not much longer. */
    Duration moment() {
        return ours ? Duration.ofSeconds(5) : Duration.ofSeconds(2);
    }

    /**
     * Whether it is {@code vmm}: it keeps a record of who owns the guest, asks the next program of an exec before it stops
     * the guest, and leaves {@code postmigrate} by itself. QEMU does none of it.
     */
    boolean isOurs() {
        return ours;
    }
}
