package dev.cprkit.vmm.cli;

import java.util.Optional;

/** Every option, by the names that it may be written with. The order is that of {@link HelpText}. */
enum Option {
    HELP(false, "help", "h"),
    VERSION(false, "version"),
    MACHINE(true, "machine", "M"),
    CPU(true, "cpu"),
    ACCEL(true, "accel"),
    SMP(true, "smp"),
    M(true, "m"),
    NAME(true, "name"),
    UUID(true, "uuid"),
    DEVICE(true, "device"),
    OBJECT(true, "object"),
    GLOBAL(true, "global"),
    DISPLAY(true, "display"),
    NOGRAPHIC(false, "nographic"),
    AUDIO(true, "audio"),
    VGA(true, "vga"),
    NIC(true, "nic"),
    NET(true, "net"),
    CHARDEV(true, "chardev"),
    SERIAL(true, "serial"),
    PARALLEL(true, "parallel"),
    MONITOR(true, "monitor"),
    QMP(true, "qmp"),
    QMP_PRETTY(true, "qmp-pretty"),
    MON(true, "mon"),
    QTEST(true, "qtest"),
    QTEST_LOG(true, "qtest-log"),
    BIOS(true, "bios"),
    KERNEL(true, "kernel"),
    INITRD(true, "initrd"),
    APPEND(true, "append"),
    DTB(true, "dtb"),
    INCOMING(true, "incoming"),
    ADD_FD(true, "add-fd"),
    CPR_URI(true, "cpr-uri"),
    ONLY_MIGRATABLE(false, "only-migratable"),
    LOADVM(true, "loadvm"),
    PRECONFIG(false, "preconfig"),
    CPR_CHECK(false, "x-cpr-check"),
    PIDFILE(true, "pidfile"),
    RUN_WITH(true, "run-with"),
    ACTION(true, "action"),
    WATCHDOG_ACTION(true, "watchdog-action"),
    S(false, "S"),
    NO_REBOOT(false, "no-reboot"),
    NO_SHUTDOWN(false, "no-shutdown"),
    NODEFAULTS(false, "nodefaults"),
    NO_USER_CONFIG(false, "no-user-config"),
    DAEMONIZE(false, "daemonize");

    private final boolean takesArgument;
    private final String name;
    private final String alias;

    Option(boolean takesArgument, String name) {
        this(takesArgument, name, name);
    }

    Option(boolean takesArgument, String name, String alias) {
        this.takesArgument = takesArgument;
        this.name = name;
        this.alias = alias;
    }

    /** Whether the next word of the command line belongs to it. */
    boolean takesArgument() {
        return takesArgument;
    }

    /** Its name, without the dash. */
    String optionName() {
        return name;
    }

    /** The option of that name, which is without its dash. */
    static Optional<Option> of(String name) {
        for (Option option : values()) {
            if (option.name.equals(name) || option.alias.equals(name)) {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }
}
