package dev.cprkit.agent.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.operation.OperationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LaunchTest {
    private static final VmName ONE = new VmName("one");

    @TempDir
    private Path folder;

    private VmRegistry registry;
    private Launch launch;

    @BeforeEach
    void start() {
        registry = new VmRegistry(new Home(folder.resolve("run"), folder.resolve("state")));
        launch = new Launch(registry, new LinuxHost(), Clock.systemUTC());
    }

    private String script(String body) throws Exception {
        Path script = Files.writeString(folder.resolve("program"), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script.toString();
    }

    private Launch.Request request(String... command) {
        return new Launch.Request(ONE, List.of(command), folder, Map.of("PATH", folder + ":/bin"), false);
    }

    private void fails(Launch.Request request, Duration limit, ExitStatus status, String message) {
        assertThatThrownBy(() -> launch.run(request, launch.plan(request), limit))
                .isInstanceOf(OperationException.class)
                .hasMessage(message)
                .extracting(e -> ((OperationException) e).status())
                .isEqualTo(status);
        assertThat(registry.folder(ONE)).doesNotExist();
    }

    @Test
    void aProgramThatEndsIsQuotedAndLeavesNothing() throws Exception {
        String program = script("test \"$1\" = -machine && exit; echo 'no such board'; echo 'bye' >&2; exit 3");
        fails(
                request(program),
                Duration.ofSeconds(20),
                ExitStatus.ABORTED,
                "the VM's process ended at once: exit status 3; it printed:\n  no such board\n  bye");
    }

    @Test
    void aProgramThatHangsIsEndedAndLeavesNothing() throws Exception {
        String program = script("test \"$1\" = -machine && exit; echo $$ > pid; exec sleep 1000");
        fails(
                request(program),
                Duration.ofSeconds(1),
                ExitStatus.ABORTED,
                "the VM did not answer at " + registry.folder(ONE).resolve("qmp.sock")
                        + " within 1 s, so its process was ended; it printed nothing");
        long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void whatALauncherStartedIsEndedWithIt() throws Exception {
        String program = script("test \"$1\" = -machine && exit; sleep 1000 & echo $! > pid; wait");
        Launch.Request request = request(program);
        assertThatThrownBy(() -> launch.run(request, launch.plan(request), Duration.ofSeconds(1)))
                .hasMessageContaining("so its process was ended");
        long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
        ProcessHandle.of(pid)
                .ifPresent(left -> left.onExit().orTimeout(10, TimeUnit.SECONDS).join());
    }

    @Test
    void aLaunchThatIsInterruptedEndsAtOnce() throws Exception {
        Path runs = folder.resolve("runs");
        Process made = new ProcessBuilder("mkfifo", runs.toString()).start();
        assertThat(made.waitFor(10, TimeUnit.SECONDS)).isTrue();
        Launch.Request request = request(script("test \"$1\" = -machine && exit; echo it > runs; exec sleep 1000"));
        LaunchPlan plan = launch.plan(request);
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                launch.run(request, plan, Duration.ofMinutes(10));
            } catch (OperationException e) {
                end.complete(e);
            }
        });
        assertThat(Files.readString(runs)).isEqualTo("it\n"); // waits for the program to write it
        thread.interrupt();
        assertThat(end.get(20, TimeUnit.SECONDS)).hasMessageContaining("the launch was interrupted");
        assertThat(registry.folder(ONE)).doesNotExist();
    }

    @Test
    void aProgramThatIsNotThereIsSaid() throws Exception {
        Duration limit = Duration.ofSeconds(5);
        fails(
                request("nowhere"),
                limit,
                ExitStatus.USAGE,
                "there is no program 'nowhere' in PATH; give its whole path");
        fails(request("./nowhere"), limit, ExitStatus.USAGE, "there is no program " + folder.resolve("nowhere"));
        Files.createFile(folder.resolve("plain"));
        fails(request("./plain"), limit, ExitStatus.USAGE, folder.resolve("plain") + " is not an executable file");
        fails(request(), limit, ExitStatus.USAGE, "say what to launch: cprctl launch NAME -- COMMAND...");
    }

    @Test
    void aNameThatIsBeingGivenIsAConflict() throws Exception {
        Launch.Request request = request(script("exit 1"));
        try (VmRegistry.Hold _ = registry.hold(ONE).orElseThrow()) {
            assertThat(registry.hold(ONE)).isEmpty();
            fails(
                    request,
                    Duration.ofSeconds(5),
                    ExitStatus.CONFLICT,
                    "the name one is just being given to another VM");
        }
        assertThat(registry.hold(ONE).map(hold -> {
                    hold.close();
                    return true;
                }))
                .isEqualTo(Optional.of(true));
    }

    @Test
    void theNameOfASavedVmIsNotGivenToAnother() throws Exception {
        Path saved = Files.createDirectories(folder.resolve("state/saved/one"));
        fails(
                request(script("exit 1")),
                Duration.ofSeconds(5),
                ExitStatus.CONFLICT,
                "a VM named one is saved in " + saved + ": let it go on with cprctl reboot-restore one, or choose"
                        + " another name");
    }

    @Test
    void aSocketPathThatIsTooLongIsSaidBefore() throws Exception {
        Home home = new Home(folder.resolve("r".repeat(100)), folder);
        Launch far = new Launch(new VmRegistry(home), new LinuxHost(), Clock.systemUTC());
        assertThatThrownBy(() -> far.plan(request(script("exit 1"))))
                .hasMessage("the QMP socket's path " + home.vms().resolve("one/qmp.sock")
                        + " is too long for a unix socket; use a shorter one"
                        + " (CPRKIT_RUNTIME_DIR moves the VMs' folders)");
    }
}
