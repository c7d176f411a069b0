package dev.cprkit.vmm.migration;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.vmm.cpr.Checkpoint;
import dev.cprkit.vmm.cpr.CprException;
import dev.cprkit.vmm.cpr.CprExecState;
import dev.cprkit.vmm.cpr.CprState;
import dev.cprkit.vmm.cpr.Ownership;
import dev.cprkit.vmm.migration.channel.MigrationFailure;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import dev.cprkit.vmm.os.Exec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * cpr-exec: saves the devices to a file, then replaces the program of this process, which keeps its id and its guest RAM
 * (reference/qemu-cpr.md, sections 2.5 and 5.5). If that cannot be done, the guest goes on here.
 *
 * <p>Before the guest stops, the next program is asked whether it can go on with it ({@link NextProgramCheck}). Unlike
 * QEMU this mode puts the variable into the next program's environment only, so that no other child sees it, and
 * refuses what can only lose the guest: a main channel that nobody reads before the exec, and a command that would boot
 * another guest.
 */
final class CprExecMode implements MigrationMode {
    private Optional<CprExecState> state = Optional.empty();
    /** As it was when it was checked: the parameter may be changed before the exec. */
    private List<String> command = List.of();

    private Optional<NextProgramCheck> check = Optional.empty();
    private Optional<SpareTime> spareTime = Optional.empty();

    @Override
    public MigMode mode() {
        return MigMode.CPR_EXEC;
    }

    @Override
    public void check(Channels channels) throws QmpError {
        if (channels.main() instanceof MigrationAddress.Socket) {
            throw QmpError.generic(
                    "cpr-exec needs a main channel that keeps the stream until the next program reads it;"
                            + " use file:PATH");
        }
    }

    @Override
    public void begin(OutgoingMigration migration, Channels channels) throws MigrationFailure {
        command = List.copyOf(migration.setup().parameters().execCommand());
        checkCommand(command);
        CprState handed = CprState.ofBlocks(migration.setup().machine().allMemory());
        handed.add(Ownership.NAME, 0, migration.beginOwnership().fd());
        try {
            state = Optional.of(CprExecState.write(handed));
        } catch (CprException e) {
            throw new MigrationFailure(e.getMessage());
        }
        migration.timeline().pass(Checkpoint.CPR_STATE_SENT);
        migration.connect();
    }

    private static void checkCommand(List<String> command) throws MigrationFailure {
        if (command.stream().noneMatch(word -> word.equals("-incoming") || word.equals("--incoming"))) {
            throw new MigrationFailure(
                    "cpr-exec-command has no -incoming option: the next program would boot a guest of"
                            + " its own over the memory of this one");
        }
        if (command.stream().anyMatch(word -> word.equals("-daemonize") || word.equals("--daemonize"))) {
            throw new MigrationFailure("cpr-exec-command has -daemonize: the process that owns the guest would end");
        }
    }

    /** The guest runs on while the next program is asked, and its save is rehearsed. */
    @Override
    public void beforeStop(OutgoingMigration migration, Runnable goOn) {
        spareTime =
                Optional.of(SpareTime.begin(migration.setup().machine().loop().hostClock(), migration.content()));
        try {
            check = NextProgramCheck.begin(migration.setup(), command, refusal -> {
                endCheck();
                if (refusal.isEmpty()) {
                    goOn.run();
                } else {
                    migration.fail(refusal);
                }
            });
            if (check.isEmpty()) {
                endCheck();
                goOn.run();
            }
        } catch (MigrationFailure e) {
            migration.fail(e.getMessage());
        }
    }

    private void endCheck() {
        check.ifPresent(NextProgramCheck::close);
        check = Optional.empty();
        spareTime.ifPresent(SpareTime::end);
        spareTime = Optional.empty();
    }

    /** The file is read again within a moment, and by nobody if the host fails: the disk need not have it. */
    @Override
    public boolean durable() {
        return false;
    }

    @Override
    public boolean staysUnlessFinished() {
        return true;
    }

    @Override
    public void completed(OutgoingMigration migration) {
        boolean given = migration.handover().release();
        // On the loop's next turn: what clients are to read has been written then.
        migration.setup().machine().loop().post(() -> exec(migration, given));
    }

    private void exec(OutgoingMigration migration, boolean given) {
        if (!given || !migration.guestIsStopped()) {
            end();
            return; // somebody has let the guest go on here meanwhile
        }
        HostingProcess process = migration.setup().process();
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put(
                CprExecState.VARIABLE, Integer.toString(state.orElseThrow().number()));
        process.beforeExec();
        try {
            Exec.replace(command, environment, state.orElseThrow().descriptors());
        } catch (ErrnoException e) {
            process.afterExec();
            end();
            if (migration.handover().takeBack()) {
                migration.stay("execvp " + command.getFirst() + " failed: " + e.text());
            }
        }
    }

    @Override
    public void end() {
        endCheck();
        state.ifPresent(CprExecState::close);
        state = Optional.empty();
    }
}
