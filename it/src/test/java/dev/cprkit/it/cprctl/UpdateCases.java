package dev.cprkit.it.cprctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code cprctl} promises, whichever program runs the VM. */
@Timeout(240)
abstract class UpdateCases {
    private static final List<String> ALL_PHASES =
            List.of("planned", "checked", "staged", "armed", "paused", "saved", "taken", "running-new", "committed");

    @TempDir
    private Path folder;

    private Path program;

    /** The program under test, made in {@code folder} if it has to be; empty if this host has none. */
    abstract Optional<Path> find(Path folder) throws Exception;

    /** Why there is none. */
    abstract String reason();

    @BeforeEach
    void find() throws Exception {
        Optional<Path> found = find(folder);
        assumeTrue(found.isPresent(), reason());
        program = found.orElseThrow();
    }

    private Cprctl update(RunningVm vm, String... more) throws Exception {
        List<String> arguments = Stream.concat(
                        Stream.of(
                                "update",
                                "--json",
                                "--follow",
                                "--no-agent",
                                "--mode",
                                "transfer",
                                "--qmp",
                                vm.qmp().toString()),
                        Stream.of(more))
                .toList();
        return Cprctl.run(folder, arguments.toArray(String[]::new));
    }

    @Test
    void aRunningGuestMovesTwice() throws Exception {
        try (RunningVm vm = RunningVm.start(program, folder)) {
            vm.await("the guest's first count", () -> vm.counter() > 0);
            long pid = vm.firstPid();
            for (int generation = 1; generation <= 2; generation++) {
                long before = vm.counter();
                Cprctl cprctl = update(vm, "--vmm", program.toString());
                assertThat(cprctl.status()).as(cprctl.err()).isZero();
                assertThat(cprctl.phases()).isEqualTo(ALL_PHASES);
                assertThat(cprctl.vm().path("pid").asLong()).isPositive().isNotEqualTo(pid);
                pid = cprctl.vm().path("pid").asLong();
                assertThat(cprctl.outcome().path("pause-ms").asDouble()).isPositive();
                assertThat(cprctl.vm().path("qmp").asText())
                        .isEqualTo(folder.resolve("vm.g" + generation + ".qmp").toString());
                long after = vm.counter();
                assertThat(after).isGreaterThanOrEqualTo(before);
                vm.await("a count in the new process", () -> vm.counter() > after);
                assertThat(vm.runState()).isEqualTo("running");
                assertThat(Files.readSymbolicLink(vm.qmp()).toString()).isEqualTo("vm.g" + generation + ".qmp");
            }
            assertThat(vm.firstIsAlive()).isFalse();
        }
        assertNothingIsLeft();
    }

    @Test
    void aGuestThatWasNeverStartedMovesAndStartsInTheNewProcess() throws Exception {
        try (RunningVm vm = RunningVm.start(program, folder, "-S")) {
            for (int i = 0; i < 2; i++) {
                Cprctl cprctl = update(vm, "--vmm", program.toString());
                assertThat(cprctl.status()).as(cprctl.err()).isZero();
                assertThat(cprctl.outcome().has("pause-ms")).isFalse();
            }
            assertThat(vm.runState()).isEqualTo("prelaunch");
            assertThat(vm.counter()).isZero();
            vm.tell("cont");
            vm.await("a count", () -> vm.counter() > 0);
        }
        assertNothingIsLeft();
    }

    @Test
    void aStoppedGuestStaysStopped() throws Exception {
        try (RunningVm vm = RunningVm.start(program, folder)) {
            vm.await("the guest's first count", () -> vm.counter() > 0);
            vm.tell("stop");
            long stopped = vm.counter();
            Cprctl cprctl = update(vm, "--vmm", program.toString());
            assertThat(cprctl.status()).as(cprctl.err()).isZero();
            assertThat(vm.runState()).isEqualTo("paused");
            assertThat(vm.counter()).isEqualTo(stopped);
            vm.tell("cont");
            vm.await("the next count", () -> vm.counter() > stopped);
        }
    }

    @Test
    void aProgramThatEndsAtOnceLeavesTheGuestWhereItIs() throws Exception {
        try (RunningVm vm = RunningVm.start(program, folder)) {
            Cprctl cprctl = update(
                    vm, "--vmm", taking("echo 'no such machine' >&2; exit 1").toString());
            assertThat(cprctl.status()).isEqualTo(4);
            assertThat(cprctl.outcome().path("output").asText()).isEqualTo("no such machine");
            assertGuestIsWhereItWas(vm);
            Cprctl next = update(vm, "--vmm", program.toString());
            assertThat(next.status()).as(next.err()).isZero();
        }
        assertNothingIsLeft();
    }

    @Test
    void aProgramWithAnotherMachineLeavesTheGuestWhereItIs() throws Exception {
        try (RunningVm vm = RunningVm.start(program, folder)) {
            Path smaller = script("exec " + program + " $(echo \"$@\" | sed s/64M/32M/g)");
            Cprctl cprctl = update(vm, "--vmm", smaller.toString());
            assertThat(cprctl.status()).as(cprctl.err()).isEqualTo(4);
            assertThat(cprctl.outcome().path("output").asText()).isNotEmpty();
            assertGuestIsWhereItWas(vm);
            Path spike = script("exec " + program + " $(echo \"$@\" | sed s/virt,/spike,/)");
            cprctl = update(vm, "--vmm", spike.toString());
            assertThat(cprctl.status()).as(cprctl.err()).isEqualTo(4);
            assertThat(cprctl.outcome().path("output").asText()).isNotEmpty();
            assertGuestIsWhereItWas(vm);
        }
    }

    @Test
    void aProgramThatHangsIsGivenUp() throws Exception {
        try (RunningVm vm = RunningVm.start(program, folder)) {
            Cprctl cprctl = update(
                    vm, "--timeout", "5", "--vmm", taking("exec sleep 1000").toString());
            assertThat(cprctl.status()).isEqualTo(4);
            assertGuestIsWhereItWas(vm);
        }
        assertNothingIsLeft();
    }

    @Test
    void terminatedItBacksOut() throws Exception {
        try (RunningVm vm = RunningVm.start(program, folder)) {
            Path marker = folder.resolve("started");
            Path hanging = taking("touch " + marker + "; exec sleep 1000");
            Process process = Cprctl.start(
                    folder,
                    "update",
                    "--json",
                    "--no-agent",
                    "--mode",
                    "transfer",
                    "--qmp",
                    vm.qmp().toString(),
                    "--vmm",
                    hanging.toString());
            vm.await("the new process", () -> Files.exists(marker));
            process.destroy();
            Cprctl cprctl = Cprctl.finish(folder, process);
            assertThat(cprctl.status()).isEqualTo(4);
            assertThat(cprctl.lines()).hasSize(1);
            assertThat(cprctl.last().path("status").asText()).isEqualTo("aborted");
            assertThat(cprctl.outcome().path("message").asText()).contains("asked to stop");
            assertGuestIsWhereItWas(vm);
        }
        assertNothingIsLeft();
    }

    @Test
    void privateMemoryIsRefusedAndTheGuestNotTouched() throws Exception {
        try (RunningVm vm = RunningVm.startWithPrivateMemory(program, folder)) {
            Cprctl cprctl = update(vm, "--vmm", program.toString());
            assertThat(cprctl.status()).isEqualTo(3);
            assertThat(cprctl.lines())
                    .anyMatch(line -> line.path("code").asText().equals("memory-not-shared"));
            assertThat(vm.runState()).isEqualTo("running");
        }
    }

    private void assertGuestIsWhereItWas(RunningVm vm) throws Exception {
        assertThat(vm.firstIsAlive()).isTrue();
        assertThat(vm.runState()).isEqualTo("running");
        long now = vm.counter();
        vm.await("the next count", () -> vm.counter() > now);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).noneMatch(file -> file.getFileName().toString().contains(".g"));
        }
    }

    /** No process of ours is left, and no private folder with our sockets. */
    private void assertNothingIsLeft() {
        String mark = folder.toString();
        assertThat(ProcessHandle.allProcesses()
                        .filter(p -> p.pid() != ProcessHandle.current().pid())
                        .map(p -> p.info().commandLine().orElse(""))
                        .filter(line -> line.contains(mark)))
                .isEmpty();
    }

    /** A program that answers every question as the right one does, and does this where it should take the guest. */
    private Path taking(String body) throws IOException {
        return script("case \"$*\" in *-incoming*) " + body + " ;; esac; exec " + program + " \"$@\"");
    }

    private Path script(String body) throws IOException {
        Path script = Files.createTempFile(folder, "program", ".sh");
        Files.writeString(script, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }
}
