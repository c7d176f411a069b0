package dev.cprkit.agent.update;

import dev.cprkit.agent.argv.CommandLineRewrite;
import dev.cprkit.agent.argv.CprChannel;
import dev.cprkit.agent.argv.NextCommandLine;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.SocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * How the new process will be started. Nothing of it exists yet.
 *
 * @param mode how the guest gets there
 * @param directory where it starts, and where its relative paths begin: the old process's
 * @param privateFolder to be made, for this user alone, and removed when the update ends; holds the sockets or the state
 * @param cprSocket in cpr-transfer, where the new process asks for the guest's memory
 * @param mainSocket in cpr-transfer, where it takes the guest's state
 * @param stateFile in the other modes, the file that the state is in on its way
 * @param qmp the monitor of the new process that takes the place of the one we talk to; empty if there is none
 */
public record UpdatePlan(
        MigMode mode,
        Program program,
        NextCommandLine next,
        Path directory,
        Path privateFolder,
        Path cprSocket,
        Path mainSocket,
        Optional<Path> stateFile,
        Optional<Path> qmp) {

    /**
     * Makes the plan for a mode.
     *
     * @param program the words that name the new program
     * @param saved the folder for states that must outlive both processes
     */
    static UpdatePlan make(OldVm old, MigMode mode, Program program, Path saved) throws QmpException {
        String name = "cprkit-" + UUID.randomUUID().toString().substring(0, 13);
        Path folder = mode == MigMode.CPR_REBOOT
                ? saved.toAbsolutePath().resolve(name)
                : Path.of(System.getProperty("java.io.tmpdir"), name);
        Path cpr = folder.resolve("cpr.sock");
        Path state = folder.resolve("state");
        Map<String, String> aliases = old.monitor().machineAliases();
        List<String> arguments = old.program().arguments();
        NextCommandLine beside = new CommandLineRewrite(aliases, cpr.toString()).rewrite(arguments);
        Path directory = directory(old);
        Optional<PathMove> qmp = beside.moves().stream()
                .filter(move -> isSame(directory.resolve(move.from()), old.socket()))
                .findFirst();
        Path main = folder.resolve("main.sock");
        return switch (mode) {
            case CPR_TRANSFER ->
                new UpdatePlan(
                        mode,
                        program,
                        beside,
                        directory,
                        folder,
                        cpr,
                        main,
                        Optional.empty(),
                        qmp.map(move -> directory.resolve(move.to())));
            case CPR_EXEC, CPR_REBOOT, NORMAL -> {
                CommandLineRewrite rewrite = mode == MigMode.CPR_EXEC
                        ? CommandLineRewrite.inSameProcess(aliases, state.toString())
                        : CommandLineRewrite.afterwards(aliases);
                yield new UpdatePlan(
                        mode,
                        program,
                        rewrite.rewrite(arguments),
                        directory,
                        folder,
                        cpr,
                        main,
                        Optional.of(state),
                        qmp.map(move -> directory.resolve(move.from())));
            }
        };
    }

    /** A program with {@code -daemonize} has gone to / since it read its relative paths; its shell said from where. */
    private static Path directory(OldVm old) {
        ProcessFacts facts = old.facts();
        String shells = facts.environment().getOrDefault("PWD", "");
        return old.program().arguments().contains("-daemonize") && shells.startsWith("/")
                ? Path.of(shells)
                : facts.directory();
    }

    private static boolean isSame(Path owned, Path socket) {
        try {
            return owned.toRealPath().equals(socket);
        } catch (IOException e) {
            return false;
        }
    }

    /** The whole command line. */
    public List<String> command() {
        List<String> words = new ArrayList<>(program.words());
        words.addAll(next.arguments());
        return words;
    }

    /** That of an update that was cut off, for one of its two command lines. */
    static UpdatePlan of(Evidence evidence, List<String> command) {
        List<String> arguments = command.subList(1, command.size());
        Path folder = evidence.privateFolder();
        return new UpdatePlan(
                evidence.mode(),
                new Program(command.subList(0, 1), arguments),
                new NextCommandLine(1, arguments, evidence.moves(), List.of()),
                evidence.directory(),
                folder,
                folder.resolve("none"),
                folder.resolve("none"),
                evidence.stateFile(),
                evidence.nextQmp());
    }

    /** What the guest's state goes through. */
    MigrationAddress mainChannel() {
        return stateFile
                .<MigrationAddress>map(file -> new MigrationAddress.File(file.toString(), 0))
                .orElseGet(
                        () -> new MigrationAddress.Socket(new SocketAddress.Unix(mainSocket.toString(), false, true)));
    }

    /** The same arguments for another program. */
    UpdatePlan with(Program other) {
        return new UpdatePlan(mode, other, next, directory, privateFolder, cprSocket, mainSocket, stateFile, qmp);
    }

    /** The same for a new process that inherits the socket on which it asks for the guest's memory. */
    UpdatePlan inheriting() {
        List<String> arguments = CprChannel.inherited(next.arguments(), ProcessHost.FIRST_DESCRIPTOR);
        NextCommandLine inherited = new NextCommandLine(next.generation(), arguments, next.moves(), next.findings());
        return new UpdatePlan(
                mode, program, inherited, directory, privateFolder, cprSocket, mainSocket, stateFile, qmp);
    }

    /**
     * The same for a new program in the same process that is given something before it reads the state. The state's file
     * stays on the command line, by which the process is known; the last option counts.
     */
    UpdatePlan deferring() {
        List<String> arguments = new ArrayList<>(next.arguments());
        arguments.addAll(List.of("-incoming", "defer"));
        NextCommandLine deferred = new NextCommandLine(next.generation(), arguments, next.moves(), next.findings());
        return new UpdatePlan(mode, program, deferred, directory, privateFolder, cprSocket, mainSocket, stateFile, qmp);
    }

    /** Whether it does. */
    boolean inherits() {
        return next.arguments().contains(CprChannel.listeningOn(ProcessHost.FIRST_DESCRIPTOR));
    }

    /** Where a moved path will be. */
    public Path to(PathMove move) {
        return directory.resolve(move.to());
    }

    /** What the new process prints goes here. */
    public Path log() {
        return logOf(qmp.orElse(privateFolder.resolve("output")));
    }

    /** What the process whose monitor listens at {@code qmp} prints goes here, if an update started it. */
    static Path logOf(Path qmp) {
        return qmp.resolveSibling(qmp.getFileName() + ".log");
    }
}
