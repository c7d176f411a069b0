package dev.cprkit.agent.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.monitor.MemoryBackend;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VmChecksTest {
    private static final List<MemoryBackend> SHARED = List.of(new MemoryBackend("ram0", 1, true));
    private static final List<String> ARGUMENTS = List.of(
            "-object", "memory-backend-memfd,id=ram0", "-chardev", "socket,id=con", "-chardev", "{\"id\":\"json\"}");

    private static VmFacts vm(String runState, Map<String, String> chardevs, List<MemoryBackend> memory) {
        return new VmFacts(
                runState, Optional.empty(), false, List.of(), memory, Optional.of(true), chardevs, ARGUMENTS);
    }

    private static List<String> codes(VmFacts vm) {
        return VmChecks.findings(vm).stream().map(f -> f.code().codeName()).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "running,true",
        "paused,true",
        "suspended,true",
        "prelaunch,true",
        "inmigrate,false",
        "postmigrate,false",
        "debug,false",
        "shutdown,false",
        "io-error,false",
        "something-new,false"
    })
    void runStates(String state, boolean good) {
        assertThat(codes(vm(state, Map.of(), SHARED))).isEqualTo(good ? List.of() : List.of("run-state"));
    }

    @Test
    void memoryOfItsOwn() {
        List<MemoryBackend> memory = List.of(new MemoryBackend("", 1, false), new MemoryBackend("ram0", 1, true));
        assertThat(codes(vm("running", Map.of(), memory))).containsExactly("memory-not-shared");
    }

    @Test
    void auxRamMattersOnlyWhenSomethingIsBlocked() {
        VmFacts free = new VmFacts(
                "running", Optional.empty(), false, List.of(), SHARED, Optional.of(false), Map.of(), ARGUMENTS);
        assertThat(codes(free)).isEmpty();
        VmFacts blocked = new VmFacts(
                "running",
                Optional.empty(),
                false,
                List.of("Memory region vga.vram is not compatible with CPR"),
                SHARED,
                Optional.of(false),
                Map.of(),
                ARGUMENTS);
        assertThat(codes(blocked)).containsExactly("blocked", "aux-ram-not-shared");
    }

    @Test
    void whatWasAddedWhileItRan() {
        List<MemoryBackend> memory = List.of(SHARED.getFirst(), new MemoryBackend("dimm", 1, true));
        Map<String, String> chardevs = Map.of("con", "unix:/a", "json", "null", "serial0", "null", "extra", "null");
        assertThat(VmChecks.findings(vm("running", chardevs, memory)))
                .extracting(Finding::subject)
                .containsExactly("memory backend dimm", "character device extra");
    }

    @Test
    void terminalsAreNotedAndDoNotRefuse() {
        List<Finding> findings =
                VmChecks.findings(vm("running", Map.of("serial0", "stdio", "serial1", "pty:/dev/pts/3"), SHARED));
        assertThat(findings)
                .extracting(finding -> finding.code().codeName())
                .containsExactlyInAnyOrder("stdio-chardev", "pty-chardev");
        assertThat(findings).noneMatch(Finding::refuses);
    }

    @Test
    void aRunningMigrationAndAnUnknownMode() {
        VmFacts vm = new VmFacts(
                "running", Optional.of("no such mode"), true, List.of(), SHARED, Optional.empty(), Map.of(), ARGUMENTS);
        assertThat(codes(vm)).containsExactly("migration-running", "mode-unsupported");
    }
}
