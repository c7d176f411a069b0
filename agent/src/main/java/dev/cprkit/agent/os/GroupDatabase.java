package dev.cprkit.agent.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cprkit.proto.os.NativeCall;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * The groups of a user, wherever the host keeps them (getgrouplist(3), getpwnam_r(3), getgrgid_r(3)): files, LDAP, …
 * Memory that is passed lives until the call has returned. Threads: any; a lookup may take as long as the host's name
 * service does.
 */
public final class GroupDatabase {
    private static final int MOST_GROUPS = 4096;
    private static final int SCRATCH = 1 << 20;

    /** struct passwd on a 64-bit Linux: name 0, password 8, uid 16, gid 20. */
    private static final long PASSWD_SIZE = 48;

    private static final long PASSWD_GID = 20;

    /** struct group on a 64-bit Linux: name 0, password 8, gid 16, members 24. */
    private static final long GROUP_SIZE = 32;

    private GroupDatabase() {}

    /** The names of the groups that a user is in, the first one among them; empty if there is no such user. */
    public static List<String> groupsOf(String user) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(user);
            MemorySegment scratch = arena.allocate(SCRATCH);
            MemorySegment result = arena.allocate(ADDRESS);
            MemorySegment passwd = arena.allocate(PASSWD_SIZE, 8);
            int error = (int) GetPwNam.HANDLE.invokeExact(name, passwd, scratch, (long) SCRATCH, result);
            if (error != 0 || result.get(ADDRESS, 0).address() == 0) {
                return List.of();
            }
            MemorySegment ids = arena.allocate(JAVA_INT, MOST_GROUPS);
            MemorySegment count = arena.allocateFrom(JAVA_INT, MOST_GROUPS);
            int all = (int) GetGroupList.HANDLE.invokeExact(name, passwd.get(JAVA_INT, PASSWD_GID), ids, count);
            int known = all < 0 ? MOST_GROUPS : count.get(JAVA_INT, 0);
            List<String> names = new ArrayList<>();
            MemorySegment group = arena.allocate(GROUP_SIZE, 8);
            for (int i = 0; i < known; i++) {
                int failed = (int) GetGrGid.HANDLE.invokeExact(
                        ids.getAtIndex(JAVA_INT, i), group, scratch, (long) SCRATCH, result);
                if (failed == 0 && result.get(ADDRESS, 0).address() != 0) {
                    names.add(group.get(ADDRESS, 0).reinterpret(SCRATCH).getString(0));
                }
            }
            return names;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static final class GetPwNam {
        static final MethodHandle HANDLE = NativeCall.link(
                "getpwnam_r", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
    }

    private static final class GetGroupList {
        static final MethodHandle HANDLE =
                NativeCall.link("getgrouplist", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS));
    }

    private static final class GetGrGid {
        static final MethodHandle HANDLE = NativeCall.link(
                "getgrgid_r", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
    }
}
