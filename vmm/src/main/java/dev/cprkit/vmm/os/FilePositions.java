package dev.cprkit.vmm.os;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import java.lang.invoke.MethodHandle;

/**
 * Places in a file: lseek(2), and pread(2) and pwrite(2) between the file and memory at host addresses, which the caller
 * keeps mapped until they return. Threads: any; the position that {@link #seek} sets belongs to the open file.
 */
public final class FilePositions {
    private static final int SEEK_SET = 0;
    private static final int SEEK_CUR = 1;
    /** The kernel moves at most 2 GiB less a page in one call. */
    private static final long MOST = 1L << 30;

    private static final MethodHandle LSEEK = CLibrary.link("lseek");
    private static final MethodHandle PREAD = CLibrary.link("pread");
    private static final MethodHandle PWRITE = CLibrary.link("pwrite");

    private FilePositions() {}

    /** Where the next read(2) or write(2) happens, in bytes from the start. */
    public static long position(int fd) throws ErrnoException {
        return CLibrary.call(LSEEK, "lseek", fd, 0, SEEK_CUR, 0, 0, 0);
    }

    /** Makes the next read(2) or write(2) happen at that offset. */
    public static void seek(int fd, long offset) throws ErrnoException {
        long reached = CLibrary.call(LSEEK, "lseek", fd, offset, SEEK_SET, 0, 0, 0);
        assert reached == offset;
    }

    /** Writes all of some memory to a place in the file; the position stays. */
    public static void write(int fd, long offset, long host, long length) throws ErrnoException {
        long done = 0;
        while (done < length) {
            done += transfer(PWRITE, "pwrite", fd, host + done, Math.min(MOST, length - done), offset + done);
        }
    }

    /** Reads a place in the file into memory; the position stays. Returns fewer bytes at the end of the file only. */
    public static long read(int fd, long offset, long host, long length) throws ErrnoException {
        long done = 0;
        while (done < length) {
            long n = transfer(PREAD, "pread", fd, host + done, Math.min(MOST, length - done), offset + done);
            if (n == 0) {
                break;
            }
            done += n;
        }
        return done;
    }

    private static long transfer(MethodHandle call, String name, int fd, long host, long length, long offset)
            throws ErrnoException {
        for (; ; ) {
            try {
                return CLibrary.call(call, name, fd, host, length, offset, 0, 0);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINTR) {
                    throw e;
                }
            }
        }
    }
}
