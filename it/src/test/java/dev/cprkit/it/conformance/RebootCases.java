package dev.cprkit.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.it.stream.MainStream;
import dev.cprkit.it.stream.RamContent;
import dev.cprkit.it.vm.VmProcess;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An update through a file, with the guest's memory in another one that both processes map. */
interface RebootCases extends Cases {
    int PAGE = 4096;

    @Test
    @Case(21)
    default void memoryInASharedFileStaysThereAndIsNotInTheStream() throws Exception {
        Trial trial = trial();
        Path state = trial.file("state");
        VmProcess old = trial.start("old", machine(trial));
        trial.guest().awaitCount(1);
        trial.assumeMode(old, "cpr-reboot");
        Trial.setCapability(old, "x-ignore-shared", true);
        old.execute("migrate-set-parameters", "{'max-bandwidth':0}");
        old.execute("migrate", "{'uri':'file:" + state + "'}");
        old.awaitStatus("postmigrate");
        assertThat(old.migration()).isEqualTo("completed");
        old.execute("quit");
        assertThat(old.awaitExit()).isZero();

        byte[] bytes = Files.readAllBytes(state);
        MainStream stream = MainStream.of(bytes);
        assertThat(stream.capabilities()).containsExactly("x-ignore-shared");
        assertThat(stream.ram().pages()).noneMatch(page -> page.block().equals("ram0"));
        RamContent.Block ram = stream.ram().block("ram0");
        assertThat(ram.address()).isEqualTo(0x8000_0000L);

        Path moved = trial.file("moved");
        ByteBuffer.wrap(bytes).putLong(ram.sizeAt() + 8, 0x9000_0000L);
        Files.write(moved, bytes);
        VmProcess refused = incoming(trial, "refused", moved);
        refused.awaitMigration("failed");
        assertThat(refused.output() + Trial.reason(refused))
                .contains("Mismatched GPAs for block ram0 2415919104!= 2147483648");

        VmProcess next = incoming(trial, "new", state);
        next.awaitStatus("running");
        trial.assertRuns(next);
    }

    @Test
    @Case(21)
    default void memoryThatIsNotIgnoredIsInTheStreamPageForPage() throws Exception {
        assertStreamHoldsMemory("cpr-reboot", false);
    }

    @Test
    @Case(21)
    default void memoryThatIsCopiedWhileTheGuestRunsIsInTheStreamAsItWasAtTheEnd() throws Exception {
        assertStreamHoldsMemory("normal", false);
    }

    @Test
    @Case(21)
    default void memoryIsInAMappedFilePageForPage() throws Exception {
        assertStreamHoldsMemory("cpr-reboot", true);
    }

    /** The pages, put where the stream says one after the other, are the memory of the guest that was stopped. */
    private void assertStreamHoldsMemory(String mode, boolean mapped) throws Exception {
        Trial trial = trial();
        Path state = trial.file("state");
        VmProcess old = trial.start("old", machine(trial));
        trial.guest().awaitCount(1);
        trial.assumeMode(old, mode);
        if (mapped) {
            Trial.setCapability(old, "mapped-ram", true);
        }
        old.execute("migrate-set-parameters", "{'max-bandwidth':0}");
        old.execute("migrate", "{'uri':'file:" + state + "'}");
        old.awaitStatus("postmigrate");
        byte[] memory = Files.readAllBytes(trial.file("memory"));
        byte[] bytes = Files.readAllBytes(state);
        MainStream stream = MainStream.of(bytes);
        assertThat(stream.capabilities()).isEqualTo(mapped ? List.of("mapped-ram") : List.of());
        byte[] received = new byte[memory.length];
        int raw = 0;
        for (RamContent.Page page : stream.ram().pages()) {
            int at = (int) page.offset();
            if (page.block().equals("ram0") && page.data() >= 0) {
                System.arraycopy(bytes, page.data(), received, at, PAGE);
                raw++;
            } else if (page.block().equals("ram0")) {
                Arrays.fill(received, at, at + PAGE, (byte) 0);
            }
        }
        assertThat(Arrays.mismatch(received, memory)).isEqualTo(-1);
        assertThat(raw).as("pages that are not zeros").isBetween(1, 2000);
    }

    private static List<String> machine(Trial trial) {
        return trial.machine(List.of(
                "-machine",
                "virt,aux-ram-share=on,memory-backend=ram0",
                "-object",
                "memory-backend-file,id=ram0,share=on,size=" + Trial.RAM + ",mem-path=" + trial.file("memory"),
                "-m",
                Trial.RAM,
                "-nodefaults",
                "-display",
                "none"));
    }

    /** A process that stays when it cannot load the file. */
    private static VmProcess incoming(Trial trial, String name, Path file) throws Exception {
        List<String> options = machine(trial);
        options.addAll(List.of("-incoming", "defer"));
        VmProcess vm = trial.start(name, options);
        trial.setMode(vm, "cpr-reboot");
        Trial.setCapability(vm, "x-ignore-shared", true);
        vm.execute("migrate-incoming", "{'uri':'file:" + file + "','exit-on-error':false}");
        return vm;
    }
}
