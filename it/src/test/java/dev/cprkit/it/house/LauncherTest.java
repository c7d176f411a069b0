package dev.cprkit.it.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launchers, with a Java and a Maven in the place of the real ones that only tell how they were called. */
class LauncherTest {
    private static final List<String> LAUNCHERS = List.of(
            "vmm", "cprctl", "cpr-agent", "demo", "guest-linux", "fetch-qemu", "train", "launcher.sh", "debian.sh");

    /** Its name has a space, for users' folders have them. */
    private Path folder;

    private Path home;
    private Path mavenLog;
    private Path path;

    @BeforeEach
    void make_a_java_and_a_maven(@TempDir Path temporary) throws IOException {
        folder = Files.createDirectory(temporary.resolve("a folder")).toRealPath();
        home = jdk("jdk 25", "25.0.3");
        mavenLog = folder.resolve("maven.log");
        path = Files.createDirectory(folder.resolve("path"));
        program(
                path.resolve("mvn"),
                "echo \"$*\" >>'" + mavenLog + "'",
                "for module in common-proto vmm agent cprctl; do",
                "  mkdir -p $module/target/quick/lib",
                "  cat $module/src/main/source >$module/target/quick/$module-1.0.jar",
                "  echo $module >$module/target/quick/lib/common-proto-1.0.jar",
                "done",
                "echo maven says");
    }

    @Test
    void an_installed_launcher_becomes_the_program_and_gives_it_every_argument_as_it_is() throws Exception {
        Path installed = installation();
        Started vmm = start(installed.resolve("bin/vmm"), "-append", "a  b", "", "*");

        assertThat(vmm.out())
                .contains("pid " + vmm.pid())
                .contains("argument -Dcprkit.launcher=" + installed.resolve("bin/vmm"))
                .contains("argument " + installed.resolve("lib/vmm/a.jar") + ":" + installed.resolve("lib/vmm/b.jar"))
                .endsWith("argument dev.cprkit.vmm.Main\nargument -append\nargument a  b\nargument \nargument *\n");
        assertThat(vmm.err()).isEmpty();
        assertThat(vmm.status()).isEqualTo(42);
        assertThat(mavenLog).doesNotExist();
    }

    @Test
    void a_launcher_that_is_a_link_finds_its_own_folder() throws Exception {
        Path link = Files.createSymbolicLink(
                folder.resolve("cprctl-link"), installation().resolve("bin/cprctl"));
        assertThat(start(link).out()).contains("dev.cprkit.cprctl.Main");
    }

    @Test
    void another_java_in_JAVA_HOME_is_passed_over() throws Exception {
        Path vmm = installation().resolve("bin/vmm");
        Path twentyFive = home;
        home = jdk("jdk 17", "17.0.15");
        Files.createSymbolicLink(path.resolve("java"), twentyFive.resolve("bin/java"));
        assertThat(start(vmm).out()).startsWith("java " + twentyFive);
    }

    @Test
    void a_checkout_is_built_once_and_again_when_a_source_changes_and_what_runs_is_never_overwritten()
            throws Exception {
        Path checkout = checkout();
        Started first = start(checkout.resolve("bin/vmm"));
        assertThat(first.out()).doesNotContain("maven says").contains("dev.cprkit.vmm.Main");
        assertThat(first.err()).contains("vmm: building cprkit").contains("maven says");
        Path copy = onlyCopy(checkout);

        assertThat(start(checkout.resolve("bin/cprctl")).err()).isEmpty();
        assertThat(Files.readAllLines(mavenLog))
                .containsExactly("-B -q -Dstyle.color=never -Dquick -pl vmm,cprctl -am package");

        change(checkout.resolve("vmm/src/main/source"));
        assertThat(start(checkout.resolve("bin/vmm")).out()).doesNotContain(copy.toString());
        assertThat(Files.readAllLines(mavenLog)).hasSize(2);
        assertThat(Files.readString(copy.resolve("lib/vmm/vmm-1.0.jar"))).isEqualTo("vmm");
    }

    @Test
    void a_copy_is_an_installation() throws Exception {
        Path checkout = checkout();
        start(checkout.resolve("bin/vmm"));
        Path copy = onlyCopy(checkout);
        Path moved = Files.move(copy, folder.resolve("moved"));
        Started vmm = start(moved.resolve("bin/vmm"));
        assertThat(vmm.out()).contains(moved.resolve("lib/vmm/vmm-1.0.jar").toString());
        assertThat(Files.readAllLines(mavenLog)).hasSize(1);
    }

    @Test
    void two_launchers_at_once_build_once() throws Exception {
        Path checkout = checkout();
        Process one = process(checkout.resolve("bin/vmm"));
        Process two = process(checkout.resolve("bin/cprctl"));
        assertThat(one.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(two.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(List.of(one.exitValue(), two.exitValue())).containsExactly(42, 42);
        assertThat(Files.readAllLines(mavenLog)).hasSize(1);
    }

    @Test
    void a_build_that_fails_is_told_and_runs_nothing() throws Exception {
        Path checkout = checkout();
        program(path.resolve("mvn"), "echo maven is sorry", "exit 1");
        Started vmm = start(checkout.resolve("bin/vmm"));
        assertThat(vmm.status()).isEqualTo(1);
        assertThat(vmm.out()).isEmpty();
        assertThat(vmm.err()).contains("maven is sorry").endsWith("vmm: the build failed; what Maven says is above\n");
    }

    private Path installation() throws IOException {
        Path root = withLaunchers("an installation");
        for (String program : List.of("vmm", "cprctl")) {
            Path lib = Files.createDirectories(root.resolve("lib").resolve(program));
            Files.writeString(lib.resolve("b.jar"), "");
            Files.writeString(lib.resolve("a.jar"), "");
        }
        return root;
    }

    private Path checkout() throws IOException {
        Path root = withLaunchers("a checkout");
        Files.writeString(root.resolve("pom.xml"), "");
        Files.writeString(root.resolve("LICENSE"), "");
        Files.createDirectory(root.resolve("guest"));
        for (String module : List.of("common-proto", "vmm", "agent", "cprctl")) {
            Path main = Files.createDirectories(root.resolve(module).resolve("src/main"));
            Files.writeString(main.resolve("source"), module);
            Files.writeString(root.resolve(module).resolve("pom.xml"), "");
        }
        return root;
    }

    private Path withLaunchers(String name) throws IOException {
        Path root = folder.resolve(name);
        Path bin = Files.createDirectories(root.resolve("bin"));
        for (String launcher : LAUNCHERS) {
            Files.copy(Checkout.ROOT.resolve("bin").resolve(launcher), bin.resolve(launcher));
        }
        return root;
    }

    private static Path onlyCopy(Path checkout) throws IOException {
        try (Stream<Path> copies = Files.list(checkout.resolve("target/dist"))) {
            List<Path> found = copies.filter(Files::isDirectory).toList();
            assertThat(found).hasSize(1);
            return found.getFirst();
        }
    }

    /** As an editor does it, but without waiting for the clock to tick. */
    private static void change(Path source) throws IOException {
        Files.writeString(source, "changed");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(5)));
    }

    private Path jdk(String name, String version) throws IOException {
        Path jdk = Files.createDirectories(folder.resolve(name));
        Files.createDirectory(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        program(
                jdk.resolve("bin/java"),
                "echo \"java ${0%/bin/java}\"",
                "echo \"pid $$\"",
                "for word; do echo \"argument $word\"; done",
                "exit 42");
        return jdk;
    }

    private static void program(Path file, String... lines) throws IOException {
        Files.write(
                file, Stream.concat(Stream.of("#!/bin/sh"), Stream.of(lines)).toList());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private record Started(long pid, int status, String out, String err) {}

    private Started start(Path launcher, String... arguments) throws Exception {
        Process process = process(launcher, arguments);
        assertThat(process.waitFor(60, TimeUnit.SECONDS))
                .as("the launcher ended")
                .isTrue();
        return new Started(
                process.pid(),
                process.exitValue(),
                Files.readString(folder.resolve("out." + process.pid())),
                Files.readString(folder.resolve("err." + process.pid())));
    }

    private Process process(Path launcher, String... arguments) throws IOException {
        // The shell names its output files by its pid, which stays when it becomes the launcher.
        ProcessBuilder builder = new ProcessBuilder(
                "/bin/sh", "-c", "exec \"$@\" >\"$FOLDER/out.$$\" 2>\"$FOLDER/err.$$\"", "sh", launcher.toString());
        builder.command().addAll(List.of(arguments));
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.environment().put("FOLDER", folder.toString());
        builder.environment().put("JAVA_HOME", home.toString());
        builder.environment().put("PATH", path + ":/usr/bin:/bin");
        builder.environment().remove("CPRKIT_NO_BUILD");
        return builder.start();
    }
}
