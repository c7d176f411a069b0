package dev.cprkit.agent.update;

import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.host.FileDigest;
import dev.cprkit.agent.operation.Operation;
import java.nio.file.Path;

/** Which file a program is, and what is in it. */
final class ProgramFile {
    private ProgramFile() {}

    /** The one that a process runs: what it was started from, even if another file is at that path by now. */
    static Operation.Program running(OldVm old) {
        Path path = pathOf(old.program());
        boolean replaced = old.facts().executable().toString().equals(path + " (deleted)");
        Path image = Path.of("/proc", Long.toString(old.process().pid()), "exe"); // is there all the same
        return new Operation.Program(
                path, FileDigest.ifKnown(replaced ? image : path), old.version().toString());
    }

    /** One that is named. */
    static Operation.Program named(Program program, String version) {
        Path path = pathOf(program);
        return new Operation.Program(path, FileDigest.ifKnown(path), version);
    }

    /**
     * The program itself where it was started by naming the dynamic loader, or what the loader was told to call it, which
     * then is the script that knows how to start it; a launcher where one starts a JVM.
     */
    private static Path pathOf(Program program) {
        int called = program.words().indexOf("--argv0") + 1;
        if (called > 0
                && called < program.words().size()
                && program.words().get(called).startsWith("/")) {
            return Path.of(program.words().get(called));
        }
        Path last = Path.of(program.words().getLast());
        return last.isAbsolute() ? last : Path.of(program.words().getFirst());
    }
}
