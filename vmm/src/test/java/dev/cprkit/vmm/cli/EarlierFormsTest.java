package dev.cprkit.vmm.cli;

import static dev.cprkit.vmm.cli.CommandLines.machine;
import static dev.cprkit.vmm.cli.CommandLines.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.MigrationChannel;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.machine.config.IncomingConfig;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.memory.MemoryBackendConfig;
import org.junit.jupiter.api.Test;

/** Options of earlier forms of live update (reference/qemu-cpr.md, section 1.8): each says what replaces it. */
class EarlierFormsTest {
    @Test
    void aCprUriIsAChannel() throws Exception {
        Invocation.Run run = run("-incoming", "defer", "-cpr-uri", "unix:/run/cpr");
        assertThat(run.config().incoming())
                .contains(new IncomingConfig.Channel(
                        "unix:/run/cpr",
                        MigrationChannel.cpr(new MigrationAddress.Socket(new SocketAddress.Unix("/run/cpr")))));
        assertThat(run.warnings())
                .containsExactly("warning: -cpr-uri is an earlier form: use -incoming"
                        + " cpr,addr.transport=socket,addr.type=unix,addr.path=/run/cpr");
    }

    @Test
    void memfdsHoldAllAnonymousRam() throws Exception {
        for (String form : new String[] {"anon-alloc=memfd", "memfd-alloc=on"}) {
            Invocation.Run run = run("-M", "virt," + form, "-m", "64", "-object", "memory-backend-ram,id=b,size=1M");
            MachineConfig config = run.config();
            assertThat(config.machine().auxRamShare()).isTrue();
            assertThat(config.machine().memoryBackend()).contains("riscv_virt_board.ram");
            assertThat(config.backends())
                    .extracting(MemoryBackendConfig::id)
                    .containsExactly("b", "riscv_virt_board.ram");
            assertThat(config.backends()).allMatch(backend -> backend.options().share());
            assertThat(config.backends().getLast().options().size()).isEqualTo(64L << 20);
            assertThat(run.warnings())
                    .containsExactly("warning: -machine " + form.substring(0, form.indexOf('='))
                            + " is an earlier form: use aux-ram-share=on, and a memory-backend with share=on for the"
                            + " machine's RAM");
        }
    }

    @Test
    void aBackendOfTheMachineIsKept() throws Exception {
        MachineConfig config = machine(
                "-M",
                "virt,anon-alloc=memfd,memory-backend=b",
                "-object",
                "memory-backend-ram,id=b,size=64M",
                "-m",
                "64");
        assertThat(config.machine().memoryBackend()).contains("b");
        assertThat(config.backends())
                .hasSize(1)
                .allMatch(backend -> backend.options().share());
    }

    @Test
    void otherwiseNothingChanges() throws Exception {
        for (String form : new String[] {"anon-alloc=mmap", "memfd-alloc=off"}) {
            MachineConfig config = machine("-M", "virt," + form, "-m", "64");
            assertThat(config.machine().auxRamShare()).isFalse();
            assertThat(config.backends()).isEmpty();
        }
    }
}
