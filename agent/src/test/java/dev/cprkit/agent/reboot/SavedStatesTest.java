package dev.cprkit.agent.reboot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.hotplug.PlugCommand;
import dev.cprkit.agent.monitor.MigrationSettings;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SavedStatesTest {
    private static final Instant NOON = Instant.parse("2026-02-03T12:00:00.5Z");

    @TempDir
    Path folder;

    private SavedStates states;

    @BeforeEach
    void make() {
        states = new SavedStates(new Home(folder.resolve("run"), folder.resolve("lib")));
    }

    private static VmName name(String name) {
        return VmName.of(name).orElseThrow();
    }

    private static SavedVm vm(String name, int order) {
        return new SavedVm(
                new VmRecord(
                        name(name), VmRecord.Origin.LAUNCHED, Path.of("/run/vm.qmp"), List.of("/opt/a", "-S"), NOON),
                "op-1",
                order,
                NOON,
                "running",
                new Operation.Program(Path.of("/opt/a"), "ab", "11.1.3"),
                List.of("/opt/a"),
                List.of("-M", "virt", "", "-incoming", "defer"),
                Path.of("/"),
                Map.of("HOME", "/root", "EMPTY", ""),
                Path.of("/run/vm.g2.qmp"),
                Map.of(Path.of("/run/vm.qmp"), Path.of("vm.g2.qmp")),
                Path.of("/run/vm.g2.qmp.log"),
                9,
                "cd",
                true,
                Map.of(Path.of("/var/ram"), 1L << 40),
                List.of(new PlugCommand(
                        "device rng",
                        "device_add",
                        JsonNodeFactory.instance.objectNode().put("id", "rng").put("max-bytes", 1024))),
                new MigrationSettings(
                        Map.of("events", true),
                        JsonNodeFactory.instance.objectNode().put("max-bandwidth", 77)));
    }

    private void keep(SavedVm vm) throws IOException {
        Path fresh = folder.resolve("lib/saved/.fresh");
        Files.createDirectories(fresh);
        Files.writeString(fresh.resolve(SavedStates.STATE), "the state");
        states.keep(fresh, vm);
        assertThat(fresh).doesNotExist();
    }

    @Test
    void whatIsKeptComesBackInItsOrder() throws Exception {
        assertThat(states.list().vms()).isEmpty();
        assertThat(states.nextOrder()).isEqualTo(1);
        keep(vm("late", 7));
        keep(vm("early", 2));
        assertThat(states.find(name("early"))).contains(vm("early", 2));
        assertThat(states.list().vms()).containsExactly(vm("early", 2), vm("late", 7));
        assertThat(states.list().damaged()).isEmpty();
        assertThat(states.nextOrder()).isEqualTo(8);
        assertThat(states.find(name("none"))).isEmpty();
    }

    @Test
    void oneThatIsThereIsNotReplaced() throws Exception {
        keep(vm("web", 1));
        assertThatThrownBy(() -> keep(vm("web", 2)))
                .hasMessage("there is a saved state of web already, in " + states.of(name("web")));
        assertThat(states.find(name("web"))).contains(vm("web", 1));
    }

    @Test
    void oneWhoseGuestIsAboutToRunHasItsNameNoMore() throws Exception {
        keep(vm("web", 1));
        states.consume(name("web"));
        assertThat(states.find(name("web"))).isEmpty();
        assertThat(states.list().vms()).isEmpty();
        assertThat(states.consumed(name("web"))).contains(vm("web", 1));
        states.remove(states.consumedOf(name("web")));
        assertThat(folder.resolve("lib/saved")).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nothing | it is no JSON: ",
                "{} | its version is missing, and this program knows 1",
                "{\"version\":2} | its version is 2, and this program knows 1",
                "{\"version\":1} | it has no name: "
            })
    void aDamagedManifestIsNamedAndHidesNoOther(String text, String message) throws Exception {
        keep(vm("web", 1));
        Path bad = Files.createDirectories(folder.resolve("lib/saved/bad")).resolve("manifest.json");
        Files.writeString(bad, text);
        assertThatThrownBy(() -> states.find(name("bad")))
                .hasMessageStartingWith("the manifest " + bad + " cannot be used: " + message);
        assertThat(states.list().damaged()).hasSize(1);
        assertThat(states.list().vms()).containsExactly(vm("web", 1));
    }

    @ParameterizedTest
    @CsvSource({"operation", "order", "stopped", "run-state", "words", "qmp", "state-sha256", "memory"})
    void aManifestWithoutAFieldSaysWhich(String field) {
        String text = Manifest.text(vm("web", 1)).replace("\"" + field + "\"", "\"other\"");
        assertThatThrownBy(() -> Manifest.of(text)).hasMessage("it has no " + field);
    }

    @Test
    void whatCannotBeMadeDurableKeepsItsName() throws IOException {
        SavedVm vm = vm("web", 1);
        SavedStates broken = new SavedStates(new Home(folder.resolve("run"), folder.resolve("lib")), path -> {
            throw new IOException("Input/output error");
        });
        Path fresh = Files.createDirectories(folder.resolve("lib/saved/.fresh"));
        Files.writeString(fresh.resolve(SavedStates.STATE), "the state");
        assertThatThrownBy(() -> broken.keep(fresh, vm)).hasMessage("Input/output error");
        assertThat(broken.find(name("web"))).isEmpty();
        assertThat(fresh).exists();
        keep(vm);
        assertThatThrownBy(() -> broken.consume(name("web"))).hasMessage("Input/output error");
        assertThat(broken.find(name("web"))).contains(vm);
        assertThat(broken.consumed(name("web"))).isEmpty();
    }

    @Test
    void whatAnEarlierRestoreLeftIsNotInTheWay() throws IOException {
        SavedVm first = vm("web", 1);
        keep(first);
        states.consume(name("web"));
        SavedVm second = vm("web", 2);
        keep(second);
        states.consume(name("web"));
        assertThat(states.consumed(name("web"))).contains(second);
    }
}
