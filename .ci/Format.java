import com.palantir.javaformat.java.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Checks or rewrites the layout of every Java file of the checkout with palantir-java-format. Run from the top folder by
 * the build (see pom.xml), because it must run on the same JDK that the code is written for.
 *
 * <p>{@code --check} writes the names of the files that are not formatted to {@code target/not-formatted}, on which the
 * build's next step fails with a message that says what to do; {@code --replace} rewrites them. What was found good is
 * remembered by digest in {@code target/formatted}, so that a second build looks only at what changed.
 */
final class Format {
    private static final Path REMEMBERED = Path.of("target", "formatted");
    private static final Path UNFORMATTED = Path.of("target", "not-formatted");

    private Format() {}

    public static void main(String[] args) throws IOException, NoSuchAlgorithmException {
        format(args);
        System.exit(0); // the formatter leaves its worker threads waiting
    }

    private static void format(String[] args) throws IOException, NoSuchAlgorithmException {
        boolean replace = args.length == 1 && args[0].equals("--replace");
        Set<String> good = new HashSet<>(Files.exists(REMEMBERED) ? Files.readAllLines(REMEMBERED) : List.of());
        List<String> unknown = new ArrayList<>();
        List<Path> files = javaFiles();
        for (Path file : files) {
            if (!good.contains(digest(file))) {
                unknown.add(file.toString());
            }
        }
        Files.deleteIfExists(UNFORMATTED);
        Files.createDirectories(REMEMBERED.getParent());
        List<String> bad = unknown.isEmpty() ? List.of() : run(replace, unknown);
        if (!bad.isEmpty()) {
            bad.forEach(file -> System.err.println("not formatted: " + file));
            Files.write(UNFORMATTED, bad);
            return;
        }
        Set<String> digests = new HashSet<>();
        for (Path file : files) {
            digests.add(digest(file));
        }
        Files.write(REMEMBERED, digests);
    }

    private static List<String> run(boolean replace, List<String> files) {
        List<String> arguments = new ArrayList<>(
                replace
                        ? List.of("--palantir", "--replace")
                        : List.of("--palantir", "--dry-run", "--set-exit-if-changed"));
        arguments.addAll(files);
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        int status;
        try {
            status = new Main(out, new PrintWriter(System.err, true), System.in)
                    .format(arguments.toArray(String[]::new));
        } catch (Exception e) {
            throw new IllegalStateException("the formatter cannot run: " + e.getMessage(), e);
        }
        out.flush();
        return status == 0 ? List.of() : said.toString().lines().toList();
    }

    private static List<Path> javaFiles() throws IOException {
        try (Stream<Path> all = Files.walk(Path.of("."), 20)) {
            return all.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::normalize)
                    .filter(file -> !file.toString().contains("target/") && !file.startsWith(".git"))
                    .sorted()
                    .toList();
        }
    }

    private static String digest(Path file) throws IOException, NoSuchAlgorithmException {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        sha.update(file.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(sha.digest(Files.readAllBytes(file)));
    }
}
