package dev.cprkit.agent.host;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * Paths that only root and this process's own user can change: every part from {@code /} on belongs to one of the two and
 * may be written to by nobody else, and so does every link on the way, with the folders that lead to it: whoever can
 * replace a link chooses what is run after all. A folder with the sticky bit, as {@code /tmp}, may be written to by all, for
 * there nobody removes or renames what is another's.
 */
public final class TrustedPath {
    private static final int STICKY = 01000;
    /** As many as the kernel follows (path_resolution(7)). */
    private static final int MOST_LINKS = 40;

    private TrustedPath() {}

    /** The user that this process runs as. */
    public static UserPrincipal self() throws IOException {
        return Files.getOwner(Path.of("/proc/self"));
    }

    /** The user with number 0. */
    public static UserPrincipal root() throws IOException {
        return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("root");
    }

    /** Those two, who may change what is trusted. */
    public static Set<UserPrincipal> owners() throws IOException {
        return Set.copyOf(List.of(self(), root()));
    }

    /**
     * Where a path really leads, if nobody else can change that.
     *
     * @throws IOException if it cannot be looked at; {@link java.nio.file.NoSuchFileException} if it is not there
     */
    public static Path of(Path path) throws IOException, UntrustedException {
        Path whole = path.toAbsolutePath();
        Set<UserPrincipal> trusted = owners();
        Deque<Path> names = new ArrayDeque<>();
        whole.forEach(names::addLast);
        Path at = whole.getRoot();
        check(whole, at, attributes(at), trusted);
        int links = 0;
        while (!names.isEmpty()) {
            Path name = names.removeFirst();
            if (name.toString().equals("..")) {
                at = at.getNameCount() == 0 ? at : at.resolve("..").normalize(); // no part of it is a link
                continue;
            }
            Path part = at.resolve(name).normalize();
            PosixFileAttributes facts = attributes(part);
            check(whole, part, facts, trusted);
            if (!facts.isSymbolicLink()) {
                at = part;
                continue;
            }
            if (++links > MOST_LINKS) {
                throw new FileSystemLoopException(whole.toString());
            }
            Path target = Files.readSymbolicLink(part);
            at = target.isAbsolute() ? whole.getRoot() : at;
            List<Path> further = new ArrayList<>();
            target.forEach(further::add);
            further.reversed().forEach(names::addFirst);
        }
        return at;
    }

    private static PosixFileAttributes attributes(Path part) throws IOException {
        return Files.readAttributes(part, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static void check(Path whole, Path part, PosixFileAttributes facts, Set<UserPrincipal> trusted)
            throws IOException, UntrustedException {
        String place = ": its folder " + part;
        if (facts.isSymbolicLink()) {
            place = ": the link " + part;
        } else if (whole.equals(part)) {
            place = ": it";
        } else if (!facts.isDirectory()) {
            place = ": " + part;
        }
        if (!trusted.contains(facts.owner())) {
            throw new UntrustedException(whole + " may be changed by others" + place + " belongs to "
                    + facts.owner().getName());
        }
        Set<PosixFilePermission> permissions = facts.permissions();
        boolean open = permissions.contains(PosixFilePermission.OTHERS_WRITE)
                || permissions.contains(PosixFilePermission.GROUP_WRITE) && !ownGroup(facts);
        // A link's own permissions mean nothing: who may replace it, its folder says.
        if (open && !facts.isSymbolicLink() && !(facts.isDirectory() && isSticky(part))) {
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
