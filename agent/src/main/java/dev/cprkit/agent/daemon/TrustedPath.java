package dev.cprkit.agent.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Set;

/**
 * Paths that only root and the agent's own user can change: every part from {@code /} on, links resolved, belongs to one of
 * the two and may be written to by nobody else. A folder with the sticky bit, as {@code /tmp}, may be written to by all, for
 * there nobody removes or renames what is another's.
 */
final class TrustedPath {
    private static final int STICKY = 01000;

    private TrustedPath() {}

    /**
     * Where a path really leads, if nobody else can change that.
     *
     * @throws IOException if it cannot be looked at; {@link java.nio.file.NoSuchFileException} if it is not there
     */
    static Path of(Path path) throws IOException, UntrustedException {
        Path real = path.toRealPath();
        Set<UserPrincipal> trusted = Set.copyOf(List.of(Access.self(), Access.root()));
        Path part = real.getRoot();
        check(real, part, trusted);
        for (Path name : real) {
            part = part.resolve(name);
            check(real, part, trusted);
        }
        return real;
    }

    private static void check(Path whole, Path part, Set<UserPrincipal> trusted)
            throws IOException, UntrustedException {
        PosixFileAttributes facts = Files.readAttributes(part, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        String place = whole.equals(part) ? ": it" : ": its folder " + part;
        if (!trusted.contains(facts.owner())) {
            throw new UntrustedException(whole + " may be changed by others" + place + " belongs to "
                    + facts.owner().getName());
        }
        Set<PosixFilePermission> permissions = facts.permissions();
        boolean open = permissions.contains(PosixFilePermission.OTHERS_WRITE)
                || permissions.contains(PosixFilePermission.GROUP_WRITE) && !ownGroup(facts);
        if (open && !(facts.isDirectory() && isSticky(part))) {
            throw new UntrustedException(whole + " may be changed by others" + place + " may be written to by "
                    + (permissions.contains(PosixFilePermission.OTHERS_WRITE)
                            ? "all"
                            : "the group " + facts.group().getName()));
        }
    }

    /** The group with number 0 has no members that root does not trust. */
    private static boolean ownGroup(PosixFileAttributes facts) {
        return facts.group().getName().equals("root");
    }

    private static boolean isSticky(Path folder) throws IOException {
        return ((Integer) Files.getAttribute(folder, "unix:mode") & STICKY) != 0;
    }
}
