package dev.cprkit.agent.check;

/**
 * What a check found: a stable code to match on, the thing it is about, what is wrong with it, and what to do.
 *
 * @param code stable across releases: scripts may match on it
 * @param subject the option, path, memory backend, … that the finding is about
 * @param problem a sentence without its full stop
 * @param remedy what to do, a sentence without its full stop
 */
public record Finding(Code code, String subject, String problem, String remedy) {
    /** Whether an update with this finding is not tried. */
    public boolean refuses() {
        return code.refuses();
    }

    /** One line for people. */
    public String sentence() {
        return subject + ": " + problem + "; " + remedy;
    }

    /** What can be found, each with its name in JSON output and exit messages. */
    public enum Code {
        RUN_STATE("run-state", true),
        MIGRATION_RUNNING("migration-running", true),
        UPDATE_RUNNING("update-running", true),
        MODE_UNSUPPORTED("mode-unsupported", true),
        BLOCKED("blocked", true),
        MEMORY_NOT_SHARED("memory-not-shared", true),
        AUX_RAM_NOT_SHARED("aux-ram-not-shared", true),
        NOT_ON_COMMAND_LINE("not-on-command-line", true),
        QMP_NOT_ON_COMMAND_LINE("qmp-not-on-command-line", true),
        CONFIG_FILE("config-file", true),
        PORT_TAKEN("port-taken", true),
        LEFTOVER_PROCESS("leftover-process", true),
        PATH_TAKEN("path-taken", true),
        PATH_TOO_LONG("path-too-long", true),
        TEMPORARY_DISK("temporary-disk", true),
        PROGRAM_MISSING("program-missing", true),
        PROGRAM_NOT_EXECUTABLE("program-not-executable", true),
        OTHER_USER("other-user", true),
        STDIO_CHARDEV("stdio-chardev", false),
        PTY_CHARDEV("pty-chardev", false),
        EXIT_WITH_PARENT("exit-with-parent", false);

        private final String codeName;
        private final boolean refuses;

        Code(String codeName, boolean refuses) {
            this.codeName = codeName;
            this.refuses = refuses;
        }

        /** The stable name. */
        public String codeName() {
            return codeName;
        }

        /** Whether it stops an update; the others are told and the update goes on. */
        public boolean refuses() {
            return refuses;
        }
    }
}
