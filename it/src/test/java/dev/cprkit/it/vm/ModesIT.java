package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The bare-metal guest in every mode: running, stopped and asleep, and ten times in a row. */
@Timeout(300)
class ModesIT {
    @TempDir
    private Path folder;

    private Path printed() {
        return folder.resolve("console");
    }

    private List<String> options(String process, List<String> machine) {
        List<String> options = new ArrayList<>(machine);
        options.addAll(new TypedConsole(folder, printed()).options(process));
        options.addAll(List.of("-kernel", BareGuest.image().toString()));
        return options;
    }

    private BareGuest guest() {
        return new BareGuest(printed());
    }

    @ParameterizedTest
    @CsvSource({
        "TRANSFER, AT_ITS_START", "TRANSFER, LATER", "EXEC, AT_ITS_START", "EXEC, LATER",
        "REBOOT, AT_ITS_START", "REBOOT, LATER", "NORMAL, AT_ITS_START", "NORMAL, LATER"
    })
    void aGuestStaysWhatItWas(Journey.Mode mode, Journey.Told told) throws Exception {
        try (Journey journey = Journey.begin(folder, process -> options(process, BareGuest.machine()))) {
            long count = guest().awaitCount(2);
            journey.move(mode, told);
            journey.vm().awaitStatus("running");
            guest().awaitCount(count + 2);

            journey.vm().execute("stop");
            long stoppedAt = guest().count();
            journey.move(mode, told);
            journey.vm().awaitStatus("paused");
            assertThat(guest().count()).isEqualTo(stoppedAt);
            journey.vm().execute("cont");
            guest().awaitCount(stoppedAt + 2);

            try (SocketChannel keys = new TypedConsole(folder, printed()).open(journey.name())) {
                TypedConsole.type(keys, "z");
                journey.vm().awaitStatus("suspended");
            }
            long asleepAt = guest().count();
            journey.move(mode, told);
            journey.vm().awaitStatus("suspended");
            assertThat(guest().count()).isEqualTo(asleepAt);
            journey.vm().execute("system_wakeup");
            journey.vm().awaitStatus("running");
            guest().awaitCount(asleepAt + 2);

            assertThat(guest().boots()).isEqualTo(1);
            assertThat(guest().unbroken()).as(guest().text()).isTrue();
            JsonNode parameters = journey.vm().execute("query-migrate-parameters");
            assertThat(parameters.get("mode").asText()).isEqualTo("normal");
            assertThat(journey.vm().execute("query-migrate-capabilities"))
                    .noneMatch(capability -> capability.get("state").asBoolean());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Journey.Mode.class,
            names = {"REBOOT", "NORMAL"})
    void tenInARow(Journey.Mode mode) throws Exception {
        try (Journey journey = Journey.begin(folder, process -> options(process, BareGuest.machine()))) {
            for (int i = 0; i < 10; i++) {
                guest().awaitCount(guest().count() + 1);
                journey.move(mode, Journey.Told.AT_ITS_START);
            }
            journey.vm().awaitStatus("running");
            guest().awaitCount(guest().count() + 2);
            assertThat(guest().boots()).isEqualTo(1);
            assertThat(guest().unbroken()).as(guest().text()).isTrue();
        }
    }

    @Test
    void aGuestGoesFromModeToMode() throws Exception {
        try (Journey journey = Journey.begin(folder, process -> options(process, BareGuest.machine()))) {
            for (Journey.Mode mode : Journey.Mode.values()) {
                guest().awaitCount(guest().count() + 1);
                journey.move(mode, Journey.Told.AT_ITS_START);
            }
            guest().awaitCount(guest().count() + 2);
            assertThat(guest().unbroken()).as(guest().text()).isTrue();
        }
    }

    /** A backend that the guest does not use is looked for by the next process all the same. */
    @ParameterizedTest
    @EnumSource(
            value = Journey.Mode.class,
            names = {"TRANSFER", "EXEC"})
    void memoryThatTheGuestDoesNotUseIsHandedOnToo(Journey.Mode mode) throws Exception {
        List<String> machine = new ArrayList<>(BareGuest.machine());
        machine.addAll(List.of("-object", "memory-backend-memfd,id=spare,size=4M"));
        try (Journey journey = Journey.begin(folder, process -> options(process, machine))) {
            long count = guest().awaitCount(1);
            journey.move(mode, Journey.Told.AT_ITS_START);
            guest().awaitCount(count + 2);
            assertThat(guest().unbroken()).as(guest().text()).isTrue();
        }
    }

    @Test
    void memoryThatIsAFileStaysInPlaceAndIsNotInTheSavedState() throws Exception {
        Path memory = folder.resolve("memory");
        List<String> machine = List.of(
                "-machine",
                "virt,aux-ram-share=on,memory-backend=ram0",
                "-object",
                "memory-backend-file,id=ram0,size=64M,share=on,mem-path=" + memory,
                "-m",
                "64M",
                "-nodefaults",
                "-display",
                "none");
        String ignored = "{'capabilities':[{'capability':'x-ignore-shared','state':true}]}";
        try (Journey journey = Journey.begin(folder, process -> options(process, machine))) {
            long count = guest().awaitCount(2);
            journey.vm().execute("migrate-set-capabilities", ignored);
            journey.vm().execute("migrate-set-parameters", "{'mode':'cpr-reboot'}");
            journey.vm().execute("migrate", "{'uri':'file:" + folder.resolve("state") + "'}");
            journey.vm().awaitMigration("completed");
            assertThat(Files.size(folder.resolve("state"))).isLessThan(1 << 20);
            assertThat(journey.vm()
                            .execute("query-migrate")
                            .get("ram")
                            .get("total")
                            .asLong())
                    .isLessThan(64 << 20);
            journey.vm().execute("quit");
            assertThat(journey.vm().awaitExit()).isZero();
            List<String> next = options("next", machine);
            next.addAll(List.of("-incoming", "defer"));
            try (VmProcess restored = VmProcess.start(folder, "next", next)) {
                restored.execute("migrate-set-capabilities", ignored);
                restored.execute("migrate-incoming", "{'uri':'file:" + folder.resolve("state") + "'}");
                restored.awaitStatus("running");
                guest().awaitCount(count + 3);
                assertThat(guest().unbroken()).as(guest().text()).isTrue();
            }
        }
    }

    @Test
    void aStateThatCannotBeSavedLeavesTheOldFileAndTheGuestRunning() throws Exception {
        Path state = Files.writeString(folder.resolve("state"), "an older state", StandardCharsets.UTF_8);
        try (Journey journey = Journey.begin(folder, process -> options(process, BareGuest.machine()))) {
            VmProcess vm = journey.vm();
            guest().awaitCount(2);
            vm.execute("migrate-set-parameters", "{'mode':'cpr-reboot'}");
            for (String uri :
                    List.of("file:/dev/full", "exec:cat >/dev/full", "exec:head -c 100000 >/dev/null; exit 3")) {
                vm.execute("migrate", "{'uri':'" + uri + "'}");
                vm.awaitMigration("failed");
                vm.awaitStatus("running");
                guest().awaitCount(guest().count() + 1);
            }
            // A new process that is killed while it writes, and a cancel: neither touches the old file.
            vm.execute(
                    "migrate-set-capabilities",
                    "{'capabilities':[{'capability':'pause-before-switchover'," + "'state':true}]}");
            vm.execute("migrate", "{'uri':'file:" + state + "'}");
            vm.awaitMigration("pre-switchover");
            vm.execute("migrate_cancel");
            vm.awaitMigration("cancelled");
            vm.awaitStatus("running");
            assertThat(state).hasContent("an older state");
            vm.execute("migrate", "{'uri':'file:" + state + "'}");
            vm.awaitMigration("pre-switchover");
            vm.kill();
            assertThat(state).hasContent("an older state");
            assertThat(guest().unbroken()).as(guest().text()).isTrue();
        }
    }
}
