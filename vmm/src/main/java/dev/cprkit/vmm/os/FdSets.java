package dev.cprkit.vmm.os;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Open files that whoever runs this program passes to it, in numbered sets ({@code -add-fd}, {@code add-fd}), for a
 * process that may not open them itself. The path {@code /dev/fdset/N} then stands for whichever file of set N is open
 * in the way that is asked for.
 *
 * <p>It owns the descriptors until they are removed; what {@link #open} returns is the caller's own. Main loop's thread
 * with the machine lock held.
 */
public final class FdSets {
    private static final String PATH = "/dev/fdset/";

    private final Map<Long, List<Member>> sets = new TreeMap<>();

    /**
     * A file of a set.
     *
     * @param fd its descriptor
     * @param opaque what its giver wanted to be reminded of
     */
    public record Member(int fd, Optional<String> opaque) {}

    /** Every set that has a file, by its number, with its files in the order in which they came. */
    public Map<Long, List<Member>> all() {
        return sets;
    }

    /**
     * Adds a file to a set, which is made if there is none of that number; without a number, the lowest that is free.
     *
     * @param fd is owned by the set from now on
     * @return the set's number
     */
    public long add(OptionalLong set, int fd, Optional<String> opaque) {
        long number = 0;
        if (set.isPresent()) {
            number = set.getAsLong();
        } else {
            while (sets.containsKey(number)) {
                number++;
            }
        }
        sets.computeIfAbsent(number, n -> new ArrayList<>()).add(new Member(fd, opaque));
        return number;
    }

    /** Closes and forgets one file of a set, or all; false if there is none. */
    public boolean remove(long set, OptionalLong fd) {
        List<Member> members = sets.getOrDefault(set, List.of());
        boolean found = false;
        for (Member member : List.copyOf(members)) {
            if (fd.isEmpty() || fd.getAsLong() == member.fd()) {
                Fds.close(member.fd());
                members.remove(member);
                found = true;
            }
        }
        if (members.isEmpty()) {
            sets.remove(set);
        }
        return found;
    }

    /**
     * open(2), where a path may also be {@code /dev/fdset/N}: ENOENT if there is no such set, EACCES if none of its files
     * is open as {@code flags} ask. The file is emptied where open(2) would have done so.
     *
     * @param flags of open(2); O_CLOEXEC is added
     * @return a descriptor, which is the caller's
     */
    public int open(String path, int flags, int mode) throws ErrnoException {
        OptionalLong set = setOf(path);
        if (set.isEmpty()) {
            return Fds.open(path, flags, mode);
        }
        List<Member> members = sets.get(set.getAsLong());
        if (members == null) {
            throw new ErrnoException("open", Errno.ENOENT);
        }
        for (Member member : members) {
            if ((Fds.statusFlags(member.fd()) & Fds.O_ACCMODE) == (flags & Fds.O_ACCMODE)) {
                return duplicate(member.fd(), flags);
            }
        }
        throw new ErrnoException("open", Errno.EACCES);
    }

    private static int duplicate(int from, int flags) throws ErrnoException {
        int fd = Fds.dup(from);
        try {
            int changeable = Fds.O_APPEND | Fds.O_NONBLOCK;
            int now = Fds.statusFlags(fd);
            if ((now & changeable) != (flags & changeable)) {
                Fds.setStatusFlags(fd, now & ~changeable | flags & changeable);
            }
            int created = Fds.O_CREAT | Fds.O_EXCL;
            if ((flags & Fds.O_TRUNC) != 0 || (flags & created) == created) {
                truncate(fd);
            }
            return fd;
        } catch (ErrnoException e) {
            Fds.close(fd);
            throw e;
        }
    }

    /** A pipe or a terminal has nothing that could be cut off, and open(2) does not mind. */
    private static void truncate(int fd) throws ErrnoException {
        try {
            MemoryFiles.resize(fd, 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
        }
    }

    /** Whether the path is that of a set, and so means nothing to another process. */
    public static boolean isSet(String path) {
        return path.startsWith(PATH);
    }

    /** The number in {@code /dev/fdset/N}; empty for any other path. */
    private static OptionalLong setOf(String path) throws ErrnoException {
        if (!isSet(path)) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseUnsignedLong(path, PATH.length(), path.length(), 10));
        } catch (NumberFormatException e) {
            throw new ErrnoException("open", Errno.EINVAL);
        }
    }
}
