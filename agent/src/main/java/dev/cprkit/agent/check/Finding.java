package dev.cprkit.agent.check;

import static dev.cprkit.agent.check.Weight.HANDLED;
import static dev.cprkit.agent.check.Weight.REFUSES;
import static dev.cprkit.agent.check.Weight.TELLS;

import dev.cprkit.proto.qapi.MigMode;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a check found: a stable code to match on, the thing it is about, what is wrong with it, and what to do.
 *
 * @param code stable across releases: scripts may match on it
 * @param subject the option, path, memory backend, … that the finding is about
 * @param problem a sentence without its full stop
 * @param remedy what to do, a sentence without its full stop
 */
public record Finding(Code code, String subject, String problem, String remedy) {
    /** Whether an update with this finding is not tried, in a mode in which it matters. */
    public boolean refuses() {
        return code.weight == REFUSES;
    }

    /** Whether an update in that mode with this finding is not tried. */
    public boolean refuses(MigMode mode) {
        return code.weight(mode) == REFUSES;
    }

    /** What it means for an update in that mode. */
    public Weight weight(MigMode mode) {
        return code.weight(mode);
    }

    /** The same of one of several modes that were looked at. */
    public Finding in(MigMode mode) {
        String which = "mode " + mode.qapiName();
        return subject.equals(which) ? this : new Finding(code, which + ": " + subject, problem, remedy);
    }

    /** One line for people. */
    public String sentence() {
        return subject + ": " + problem + "; " + remedy;
    }

    /** What can be found, each with its name in JSON output and exit messages. The one table of it. */
    public enum Code {
        RUN_STATE("run-state", REFUSES, Modes.ALL, "the VM is in a run state that cannot be taken over"),
        MIGRATION_RUNNING("migration-running", REFUSES, Modes.ALL, "a migration is under way"),
        UPDATE_RUNNING("update-running", REFUSES, Modes.ALL, "another update or check of this VM is under way"),
        JOB_RUNNING("job-running", REFUSES, Modes.ALL, "a job, a dump or an export of a disk is under way"),
        CAPABILITY_CONFLICT(
                "capability-conflict",
                REFUSES,
                Modes.ALL,
                "a migration capability or parameter is set that does not go with an update"),
        MODE_UNSUPPORTED("mode-unsupported", REFUSES, Modes.ALL, "the old or the new program does not know the mode"),
        BLOCKED("blocked", REFUSES, Modes.ALL, "the VM itself gives a reason why it cannot migrate in that mode"),
        MEMORY_NOT_SHARED(
                "memory-not-shared",
                REFUSES,
                Modes.TRANSFER_AND_EXEC,
                "guest memory is private to the old process; QEMU says so for cpr-transfer only, and loses it in"
                        + " cpr-exec"),
        AUX_RAM_NOT_SHARED(
                "aux-ram-not-shared",
                REFUSES,
                Modes.TRANSFER_AND_EXEC,
                "memory of devices and firmware is private to the old process; likewise"),
        MEMORY_FILE_GONE(
                "memory-file-gone", REFUSES, Modes.ALL, "the file that holds guest memory was removed or moved"),
        MEMORY_COPIED("memory-copied", TELLS, Modes.REBOOT, "guest memory is copied while the guest stands still"),
        MEMORY_SHORT("memory-short", REFUSES, Modes.TRANSFER, "the host has no memory for a second process"),
        HUGE_PAGES(
                "huge-pages",
                TELLS,
                Modes.REBOOT,
                "huge pages are given back, and must be free again for the new process; in the other modes it maps the"
                        + " same ones"),
        MEMORY_LOCK_LIMIT("memory-lock-limit", REFUSES, Modes.TWO_PROCESSES, "the new process may not lock its memory"),
        NOT_ON_COMMAND_LINE(
                "not-on-command-line",
                REFUSES,
                Modes.ALL,
                "something was added while the VM ran, so the new process would be another machine"),
        HOT_PLUGGED(
                "hot-plugged",
                HANDLED,
                Modes.ALL,
                "a device was added while the VM ran; it is added to the new process"),
        UNPLUGGED("unplugged", REFUSES, Modes.ALL, "a device of the command line was removed while the VM ran"),
        DISK_CHANGED("disk-changed", REFUSES, Modes.ALL, "a disk is another image by now than the command line says"),
        BACKEND_EXCLUSIVE(
                "backend-exclusive",
                REFUSES,
                Modes.TRANSFER,
                "a disk or backend lets one process in at a time, and two have it during the update"),
        DISK_LOCK("disk-lock", HANDLED, Modes.TRANSFER, "an image is locked by the old process"),
        TEMPORARY_DISK(
                "temporary-disk", REFUSES, Modes.ALL, "what the guest wrote is in files of the old process alone"),
        VFIO_NOT_SUSPENDED(
                "vfio-not-suspended", REFUSES, Modes.REBOOT, "a passed-through device needs a guest that is suspended"),
        QMP_NOT_ON_COMMAND_LINE(
                "qmp-not-on-command-line", REFUSES, Modes.ALL, "the new process would have no such monitor"),
        CONFIG_FILE("config-file", REFUSES, Modes.ALL, "options come from a file that cannot be rewritten"),
        INHERITED_DESCRIPTOR(
                "inherited-descriptor",
                REFUSES,
                Modes.ALL,
                "an option names a descriptor that whoever started the VM had opened for it"),
        PORT_TAKEN("port-taken", REFUSES, Modes.TRANSFER, "the old process listens on a port that the new one needs"),
        PORT_UNNAMED(
                "port-unnamed",
                TELLS,
                Modes.ALL,
                "the old process listens on a port that its command line does not name"),
        PORT_ZERO("port-zero", TELLS, Modes.ALL, "a port was chosen by the host, and will be another one"),
        SOCKET_PATH(
                "socket-path",
                HANDLED,
                Modes.TWO_PROCESSES,
                "the old process unlinks its sockets when it ends, and would take the new one's with them"),
        PID_FILE("pid-file", HANDLED, Modes.TRANSFER, "the old process has its pid file locked"),
        LOG_FILE("log-file", HANDLED, Modes.ALL, "opening a log anew empties it"),
        MAIN_CHANNEL_FILE("main-channel-file", REFUSES, Modes.TRANSFER, "the main channel is a file"),
        MAIN_CHANNEL_STREAM(
                "main-channel-stream",
                REFUSES,
                Modes.EXEC_AND_REBOOT,
                "the main channel is a stream that nobody reads"),
        MAIN_CHANNEL_PORT_ZERO(
                "main-channel-port-zero", REFUSES, Modes.ALL, "the main channel is on a port that nobody knows"),
        MIGRATE_URI(
                "migrate-uri", HANDLED, Modes.TRANSFER, "the old program ends itself when told to migrate with a uri"),
        LEFTOVER_PROCESS(
                "leftover-process", REFUSES, Modes.TWO_PROCESSES, "a process of an earlier update is still there"),
        PATH_TAKEN("path-taken", REFUSES, Modes.ALL, "a path that the new process needs is not free"),
        PATH_TOO_LONG("path-too-long", REFUSES, Modes.ALL, "a socket's path would be too long"),
        SANDBOX_SPAWN("sandbox-spawn", REFUSES, Modes.EXEC, "the old process's sandbox forbids it to start a program"),
        PRIVILEGES_DROPPED(
                "privileges-dropped",
                REFUSES,
                Modes.EXEC,
                "the old process has given up the root folder or the user that the new program starts with"),
        OTHER_USER("other-user", REFUSES, Modes.TWO_PROCESSES, "the old process runs as another user"),
        OTHER_NAMESPACE(
                "other-namespace",
                REFUSES,
                Modes.TWO_PROCESSES,
                "the old process has other files, networks or users than a new one would"),
        OTHER_CGROUP(
                "other-cgroup",
                TELLS,
                Modes.TWO_PROCESSES,
                "the new process has another control group's limits and fate"),
        PROGRAM_MISSING("program-missing", REFUSES, Modes.ALL, "the new program is not there"),
        PROGRAM_NOT_EXECUTABLE("program-not-executable", REFUSES, Modes.ALL, "the new program may not be executed"),
        PROGRAM_FAILS("program-fails", REFUSES, Modes.ALL, "the new program does not even tell its version"),
        PROGRAM_UNTRUSTED(
                "program-untrusted",
                REFUSES,
                Modes.ALL,
                "the new program is the old one of another user's VM, and others can change it"),
        PROGRAM_OTHER_KIND(
                "program-other-kind",
                REFUSES,
                Modes.ALL,
                "the new program is another emulator, or of another processor"),
        TIMER_LOST("timer-lost", TELLS, Modes.ALL, "QEMU before 10.2 forgets the machine's timer on riscv"),
        PROGRAM_OLDER("program-older", TELLS, Modes.ALL, "the new program is of an earlier release than the old one"),
        STATE_VERSION(
                "state-version",
                REFUSES,
                Modes.TRANSFER_AND_EXEC,
                "the new program cannot read the old one's CPR state"),
        MACHINE_MISSING("machine-missing", REFUSES, Modes.ALL, "the new program does not have the VM's machine type"),
        MACHINE_UNVERSIONED(
                "machine-unversioned", TELLS, Modes.ALL, "the machine type has no version that holds it stable"),
        MACHINE_ALIAS(
                "machine-alias", HANDLED, Modes.ALL, "the machine is named by an alias that may mean another one"),
        DEVICE_MISSING("device-missing", REFUSES, Modes.ALL, "the new program does not have a device of the VM"),
        NO_WAY_BACK("no-way-back", TELLS, Modes.EXEC, "a new program that fails takes the guest with it"),
        PAUSE_OVER_BUDGET(
                "pause-over-budget", REFUSES, Modes.ALL, "the guest would stand still for longer than is allowed"),
        NO_ROOM_FOR_STATE(
                "no-room-for-state",
                REFUSES,
                Modes.EXEC_AND_REBOOT,
                "there is no room for the file of the guest's state"),
        STDIO_CHARDEV("stdio-chardev", TELLS, Modes.TWO_PROCESSES, "a device is on the old process's terminal"),
        PTY_CHARDEV("pty-chardev", TELLS, Modes.ALL, "a device gets another pseudo-terminal"),
        DAEMONIZE("daemonize", HANDLED, Modes.ALL, "a process that goes into the background by itself"),
        EXIT_WITH_PARENT(
                "exit-with-parent",
                TELLS,
                Modes.TWO_PROCESSES,
                "the new process does not end with the old one's parent");

        private final String codeName;
        private final Weight weight;
        private final Set<MigMode> modes;
        private final String meaning;

        Code(String codeName, Weight weight, List<MigMode> modes, String meaning) {
            this.codeName = codeName;
            this.weight = weight;
            this.modes = EnumSet.copyOf(modes);
            this.meaning = meaning;
        }

        /** The code of that name. */
        public static Optional<Code> of(String codeName) {
            for (Code code : values()) {
                if (code.codeName.equals(codeName)) {
                    return Optional.of(code);
                }
            }
            return Optional.empty();
        }

        /** The stable name. */
        public String codeName() {
            return codeName;
        }

        /** One line for people, for all findings of that code. */
        public String meaning() {
            return meaning;
        }

        /** Whether it stops an update, in the modes in which it matters. */
        public boolean refuses() {
            return weight == REFUSES;
        }

        /** What it means for an update in that mode; an ordinary migration is no update. */
        public Weight weight(MigMode mode) {
            return modes.contains(mode) ? weight : Weight.NOTHING;
        }

        /** The modes in which a finding matters. */
        private static final class Modes {
            static final List<MigMode> TRANSFER = List.of(MigMode.CPR_TRANSFER);
            static final List<MigMode> EXEC = List.of(MigMode.CPR_EXEC);
            static final List<MigMode> REBOOT = List.of(MigMode.CPR_REBOOT);
            static final List<MigMode> TRANSFER_AND_EXEC = List.of(MigMode.CPR_TRANSFER, MigMode.CPR_EXEC);
            static final List<MigMode> EXEC_AND_REBOOT = List.of(MigMode.CPR_EXEC, MigMode.CPR_REBOOT);

            /** Where the new process is another one than the old. */
            static final List<MigMode> TWO_PROCESSES = List.of(MigMode.CPR_TRANSFER, MigMode.CPR_REBOOT);

            static final List<MigMode> ALL = List.of(MigMode.CPR_TRANSFER, MigMode.CPR_EXEC, MigMode.CPR_REBOOT);

            private Modes() {}
        }
    }
}
