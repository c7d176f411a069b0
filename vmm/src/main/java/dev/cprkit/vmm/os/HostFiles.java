package dev.cprkit.vmm.os;

import dev.cprkit.proto.os.ErrnoException;
import java.lang.invoke.MethodHandle;

/** What a file's descriptor can do beyond reading and writing: lseek(2), fsync(2), and pread(2), pwrite(2) of memory. Threads: any. */
public final class HostFiles {
    private static final int SEEK_SET = 0;

    private HostFiles() {}

    /** Moves the file's position to {@code offset} bytes from its start. */
    public static void seek(int fd, long offset) throws ErrnoException {
        long ignored = CLibrary.call(Seek.LSEEK, "lseek", fd, offset, SEEK_SET, 0, 0, 0);
    }

    /** Returns when the disk has everything that was written. */
    public static void sync(int fd) throws ErrnoException {
        CLibrary.callInt(Sync.FSYNC, "fsync", fd, 0, 0, 0);
    }

    /** Writes memory at an offset, without the file's position; returns how many bytes. */
    public static long write(int fd, long hostAddress, long length, long offset) throws ErrnoException {
        return CLibrary.call(Write.PWRITE, "pwrite", fd, hostAddress, length, offset, 0, 0);
    }

    /** Reads into memory from an offset, without the file's position; returns how many bytes, 0 at the end. */
    public static long read(int fd, long hostAddress, long length, long offset) throws ErrnoException {
        return CLibrary.call(Read.PREAD, "pread", fd, hostAddress, length, offset, 0, 0);
    }

    private static final class Seek {
        static final MethodHandle LSEEK = CLibrary.link("lseek");
    }

    private static final class Sync {
        static final MethodHandle FSYNC = CLibrary.link("fsync");
    }

    private static final class Write {
        static final MethodHandle PWRITE = CLibrary.link("pwrite");
    }

    private static final class Read {
        static final MethodHandle PREAD = CLibrary.link("pread");
    }
}
