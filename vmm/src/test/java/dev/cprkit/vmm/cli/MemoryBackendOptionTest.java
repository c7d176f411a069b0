package dev.cprkit.vmm.cli;

import static dev.cprkit.vmm.cli.CommandLines.machine;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.memory.BackendOptions;
import dev.cprkit.vmm.memory.MemoryBackendConfig;
import org.junit.jupiter.api.Test;

class MemoryBackendOptionTest {
    private static final long MIB = 1L << 20;

    private static MemoryBackendConfig backend(String... words) throws CommandLineException {
        return machine(words).backends().getFirst();
    }

    @Test
    void hasQemusDefaults() throws Exception {
        assertThat(backend("-object", "memory-backend-memfd,id=r,size=1M"))
                .isEqualTo(new MemoryBackendConfig.Memfd(BackendOptions.of("r", MIB, true), true, false, 0));
        assertThat(backend("-object", "memory-backend-shm,id=r,size=1M"))
                .isEqualTo(new MemoryBackendConfig.Shm(BackendOptions.of("r", MIB, true)));
        assertThat(backend("-object", "memory-backend-ram,id=r,size=1M"))
                .isEqualTo(new MemoryBackendConfig.Ram(BackendOptions.of("r", MIB, false)));
        assertThat(backend("-object", "memory-backend-epc,id=r,size=1M"))
                .isEqualTo(new MemoryBackendConfig.Epc(BackendOptions.of("r", MIB, false)));
        assertThat(backend("-object", "memory-backend-file,id=r,size=1M,mem-path=/f"))
                .isEqualTo(new MemoryBackendConfig.File(
                        BackendOptions.of("r", MIB, false), "/f", 0, 0, false, false, false, false));
    }

    @Test
    void readsEveryProperty() throws Exception {
        assertThat(backend(
                        "-object",
                        "memory-backend-memfd,id=r,size=4M,share=off,prealloc=on,merge=off,dump=off,reserve=off,"
                                + "seal=off,hugetlb=on,hugetlbsize=2M,x-use-canonical-path-for-ramblock-id=on,"
                                + "prealloc-threads=2,policy=default"))
                .isEqualTo(new MemoryBackendConfig.Memfd(
                        new BackendOptions("r", 4 * MIB, false, true, false, false, false, true),
                        false,
                        true,
                        2 * MIB));
        assertThat(backend(
                        "-object",
                        "{'qom-type':'memory-backend-file','id':'r','size':1048576,'share':true,'mem-path':'/f,g',"
                                + "'offset':4096,'align':2097152,'discard-data':true,'readonly':false,'rom':'off'}"))
                .isEqualTo(new MemoryBackendConfig.File(
                        BackendOptions.of("r", MIB, true), "/f,g", 4096, 2 * MIB, true, false, false, false));
    }

    @Test
    void takesMergeAndDumpFromTheMachine() throws Exception {
        BackendOptions options = backend(
                        "-object", "memory-backend-ram,id=r,size=1M", "-M", "virt,mem-merge=off,dump-guest-core=off")
                .options();
        assertThat(options.merge()).isFalse();
        assertThat(options.dump()).isFalse();
    }

    @Test
    void namesTheBlockAfterTheId() throws Exception {
        assertThat(backend("-object", "memory-backend-ram,id=r,size=1M")
                        .options()
                        .blockName())
                .isEqualTo("r");
        assertThat(backend("-object", "memory-backend-ram,id=r,size=1M,x-use-canonical-path-for-ramblock-id=on")
                        .options()
                        .blockName())
                .isEqualTo("/objects/r");
    }
}
