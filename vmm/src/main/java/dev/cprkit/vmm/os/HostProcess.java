package dev.cprkit.vmm.os;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/** This process and its parent: getpid(2), getppid(2), gettid(2), prctl(2). */
public final class HostProcess {
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int SIGTERM = 15;

    private HostProcess() {}

    /** The process's id, getpid(2). Any thread. */
    public static int pid() throws ErrnoException {
        return CLibrary.callInt(Self.GETPID, "getpid", 0, 0, 0, 0);
    }

    /** The parent's id, getppid(2). Any thread. */
    public static int parentPid() throws ErrnoException {
        return CLibrary.callInt(Parent.GETPPID, "getppid", 0, 0, 0, 0);
    }

    /** The calling thread's id, gettid(2). */
    public static int threadId() throws ErrnoException {
        return CLibrary.callInt(CallingThread.GETTID, "gettid", 0, 0, 0, 0);
    }

    /**
     * Has this process sent SIGTERM when its parent ends (prctl(2), PR_SET_PDEATHSIG).
     *
     * <p>The kernel keeps the wish with the calling thread, so call this on one that lives as long as the process: the
     * main loop's.
     *
     * @return false if the parent has ended already, in which case no signal will come
     */
    public static boolean endWithParent() throws ErrnoException {
        int before = parentPid();
        CLibrary.callInt(Control.PRCTL, "prctl", PR_SET_PDEATHSIG, SIGTERM, 0, 0);
        // A parent that ended before the call above left this process to another one.
        return parentPid() == before;
    }

    /**
     * Names the process, as ps(1) shows it: the first thread's name, which the JVM's launcher keeps for itself, so it is
     * written to /proc/self/comm (proc(5)). The kernel keeps 15 bytes of it. Any thread.
     */
    public static void name(String name) throws ErrnoException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        int fd = Fds.open("/proc/self/comm", Fds.O_WRONLY, 0);
        try {
            int ignored = Fds.write(fd, bytes, 0, bytes.length);
        } finally {
            Fds.close(fd);
        }
    }

    private static final class Self {
        static final MethodHandle GETPID = CLibrary.link("getpid");
    }

    private static final class Parent {
        static final MethodHandle GETPPID = CLibrary.link("getppid");
    }

    private static final class CallingThread {
        static final MethodHandle GETTID = CLibrary.link("gettid");
    }

    private static final class Control {
        static final MethodHandle PRCTL = CLibrary.link("prctl");
    }
}
