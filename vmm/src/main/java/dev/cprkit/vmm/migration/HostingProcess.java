package dev.cprkit.vmm.migration;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.run.Yank;
import java.util.OptionalInt;

/** The process around the machine, as far as migration has to do with it. Main loop's thread. */
public interface HostingProcess {
    /** A process with nothing around its machine. */
    HostingProcess BARE = new HostingProcess() {};

    /** The descriptor that a client has passed under that name (getfd); it is the caller's then, and forgotten here. */
    default OptionalInt takeDescriptor(String name) {
        return OptionalInt.empty();
    }

    /** As open(2), for a path or what stands for a descriptor ({@code /dev/fdset/N}). */
    default int openFile(String path, int flags, int mode) throws ErrnoException {
        return Fds.open(path, flags, mode);
    }

    /** What clients may shut down when it hangs. */
    default Yank yank() {
        return new Yank();
    }

    /** Exec(2) follows: what clients are owed is written, terminals are put back. */
    default void beforeExec() {}

    /** Exec(2) has failed: terminals are taken again. */
    default void afterExec() {}
}
