package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.memory.DirtyLog;
import dev.cprkit.vmm.memory.GuestMemory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever a hart writes is in the dirty log, also what it may have written through its TLB. */
class StoreLoggingTest {
    private static final long DATA = TestHart.RAM + 0x10000;
    private static final int DATA_PAGE = 0x10;

    private TestHart test;
    private DirtyLog.Session log;

    @BeforeEach
    void start() {
        test = new TestHart().openPmp();
        test.hart.setX(5, DATA);
        test.hart.setX(7, 99);
    }

    @AfterEach
    void end() {
        test.close();
    }

    private void logOn() {
        log = test.memory.dirtyLog().start(List.of(((GuestMemory.Ram) test.memory.find(TestHart.RAM)).block()));
    }

    /** The pages written since the last call, by their number in RAM. */
    private List<Integer> taken() {
        List<Integer> pages = new ArrayList<>();
        log.take((block, bits) -> {
            for (int page = 0; page < bits.length * 64; page++) {
                if ((bits[page / 64] >>> page & 1) != 0) {
                    pages.add(page);
                }
            }
        });
        return pages;
    }

    private void execute(int... instructions) {
        for (int i = 0; i < instructions.length; i++) {
            test.put(TestHart.RAM + 4L * i, instructions[i]);
        }
        test.put(TestHart.RAM + 4L * instructions.length, Asm.SPIN);
        if (log != null) {
            assertThat(taken()).isSubsetOf(0); // the program's page
        }
        test.step(TestHart.RAM);
        for (int i = 1; i < instructions.length; i++) {
            test.step(TestHart.RAM + 4L * i);
        }
    }

    @Test
    void storesOfAllWidthsAreLogged() {
        logOn();
        for (int width = 0; width < 4; width++) {
            execute(Asm.store(width, 7, 5, width * 8));
            assertThat(taken()).as("width %d", width).containsExactly(DATA_PAGE);
        }
    }

    @Test
    void aStoreThroughTheTlbIsLoggedAgainAfterEachLook() {
        execute(Asm.store(3, 7, 5, 0), Asm.store(3, 7, 5, 0));
        logOn();
        execute(Asm.store(3, 7, 5, 8));
        assertThat(taken()).containsExactly(DATA_PAGE);
        assertThat(taken()).isEmpty();
        test.step(TestHart.RAM);
        assertThat(taken()).containsExactly(DATA_PAGE);
    }

    @Test
    void aStoreThatCrossesPagesIsLoggedInBoth() {
        logOn();
        execute(Asm.store(3, 7, 5, -4));
        assertThat(taken()).containsExactly(DATA_PAGE - 1, DATA_PAGE);
        execute(Asm.store(3, 7, 5, -4));
        assertThat(taken()).containsExactly(DATA_PAGE - 1, DATA_PAGE);
    }

    @Test
    void atomicsAreLoggedAndLoadsAreNot() {
        logOn();
        execute(Asm.amo(AtomicOps.ADD, 3, 6, 7, 5));
        assertThat(taken()).containsExactly(DATA_PAGE);
        execute(Asm.load(3, 6, 5, 0), Asm.amo(AtomicOps.LR, 3, 6, 0, 5));
        assertThat(taken()).isEmpty();
        execute(Asm.amo(AtomicOps.SC, 3, 6, 7, 5));
        assertThat(taken()).containsExactly(DATA_PAGE);
    }

    @Test
    void aStoreBesideCodeIsLogged() {
        test.put(DATA + 0x800, Asm.SPIN);
        test.step(DATA + 0x800); // decoded code on the page: its stores take the slow path
        logOn();
        execute(Asm.store(3, 7, 5, 0));
        assertThat(taken()).containsExactly(DATA_PAGE);
        test.step(TestHart.RAM);
        assertThat(taken()).containsExactly(DATA_PAGE);
    }

    @Test
    void whatTheWalkMarksInPageTablesIsLogged() {
        PageTables tables = new PageTables(test, 3);
        long va = 0x4000_0000L;
        long entry = tables.map(va, DATA, PageTables.V | PageTables.R | PageTables.W, 0);
        test.hart.setCsr(Csr.MENVCFG, 1L << 61); // ADUE
        logOn();
        test.put(TestHart.RAM, Asm.load(3, 6, 5, 0), Asm.SPIN);
        assertThat(taken()).containsExactly(0);
        test.hart.setX(5, va);
        test.hart.setMode(RiscvHart.SUPERVISOR);
        test.step(TestHart.RAM);
        assertThat(test.u64(entry) & PageTables.A).isNotZero();
        assertThat(taken()).containsExactly((int) (entry - TestHart.RAM >>> 12));
    }

    @Test
    void aStoreToADeviceIsNotLogged() {
        logOn();
        test.hart.setX(5, TestHart.DEVICE);
        execute(Asm.store(2, 7, 5, 0));
        assertThat(test.deviceWrites).containsExactly(99L);
        assertThat(taken()).isEmpty();
    }

    @Test
    void withoutALogNothingChanges() {
        logOn();
        log.close();
        execute(Asm.store(3, 7, 5, 0));
        assertThat(test.u64(DATA)).isEqualTo(99);
        assertThat(taken()).isEmpty();
    }
}
