package dev.cprkit.agent.argv;

/**
 * A path that each generation of a VM's process has of its own: {@code /run/vm.qmp} for the first process,
 * {@code /run/vm.g1.qmp} for the one after the first update, and so on.
 *
 * <p>Two processes are alive during an update, and an old one that exits unlinks the sockets that it had bound by their
 * path, so that a shared path would lose the new one's socket (reference/qemu-cpr.md, section 10.2).
 *
 * @param stem everything before the generation's number, with the folder
 * @param generation 0 for the path as the user wrote it
 * @param extension with its dot, or empty
 */
public record GenerationalPath(String stem, int generation, String extension) {
    /** Takes a path apart. */
    public static GenerationalPath of(String path) {
        int name = path.lastIndexOf('/') + 1;
        int dot = path.lastIndexOf('.');
        if (dot <= name) {
            return new GenerationalPath(path, 0, "");
        }
        int number = generation(path.substring(dot));
        if (number > 0) {
            return new GenerationalPath(path.substring(0, dot), number, "");
        }
        String stem = path.substring(0, dot);
        String extension = path.substring(dot);
        int inner = stem.lastIndexOf('.');
        number = inner <= name ? 0 : generation(stem.substring(inner));
        return number > 0
                ? new GenerationalPath(stem.substring(0, inner), number, extension)
                : new GenerationalPath(stem, 0, extension);
    }

    /** The number in {@code .gN}, 0 if it is not that. */
    private static int generation(String text) {
        if (!text.startsWith(".g") || text.length() < 3 || text.length() > 10 || text.charAt(2) == '0') {
            return 0;
        }
        int number = 0;
        for (int i = 2; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return 0;
            }
            number = number * 10 + (c - '0');
        }
        return number;
    }

    /** The path of a generation. */
    public String at(int number) {
        return number == 0 ? stem + extension : stem + ".g" + number + extension;
    }

    /** The path as the user wrote it, where clients look. */
    public String base() {
        return at(0);
    }
}
