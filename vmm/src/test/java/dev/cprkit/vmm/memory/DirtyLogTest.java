package dev.cprkit.vmm.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which writes of devices the log tells of, and when. */
class DirtyLogTest {
    private static final long RAM = 0x8000_0000L;
    private static final int PAGES = 200;

    private final Arena arena = Arena.ofShared();
    private final GuestMemory memory = new GuestMemory();
    private final RamBlock ram = block("ram", PAGES);
    private final RamBlock rom = block("rom", 3);
    private final DirtyLog log = memory.dirtyLog();
    private DirtyLog.Session session;

    DirtyLogTest() {
        memory.addRam(RAM, ram);
        memory.addRom(0x1000, rom);
    }

    @AfterEach
    void end() {
        arena.close();
    }

    private RamBlock block(String name, int pages) {
        long size = (long) pages * DirtyLog.PAGE;
        return new RamBlock(name, arena.allocate(size, 4096).address(), size, -1, false, false, "test");
    }

    private void write(long address, int length) {
        assertThat(memory.write(address, new byte[length], 0, length)).isTrue();
    }

    private List<String> taken() {
        List<String> pages = new ArrayList<>();
        session.take((block, bits) -> {
            for (int page = 0; page < bits.length * 64; page++) {
                if ((bits[page / 64] >>> page & 1) != 0) {
                    pages.add(block.idstr() + " " + page);
                }
            }
        });
        return pages;
    }

    @Test
    void aLogThatIsOffKnowsNothing() {
        write(RAM, 1);
        assertThat(log.isOn()).isFalse();
        session = log.start(List.of(ram));
        assertThat(log.isOn()).isTrue();
        assertThat(taken()).isEmpty();
        session.close();
        session.close();
        write(RAM, 1);
        assertThat(log.isOn()).isFalse();
        assertThat(taken()).isEmpty();
    }

    @Test
    void everyPageThatAWriteTouchesIsTakenOnce() {
        session = log.start(List.of(ram, rom));
        write(RAM + 5 * 4096 + 4095, 1);
        write(RAM + 63 * 4096 + 4090, 4096 + 12);
        write(RAM + 199 * 4096, 4096);
        write(0x1000, 8);
        assertThat(taken()).containsExactly("ram 5", "ram 63", "ram 64", "ram 65", "ram 199", "rom 0");
        assertThat(taken()).isEmpty();
        write(RAM + 5 * 4096, 0);
        assertThat(taken()).isEmpty();
        write(RAM + 5 * 4096, 1);
        assertThat(taken()).containsExactly("ram 5");
    }

    @Test
    void aSessionThatAnotherOneFollowsLearnsNothingMoreAndTakesNothingAway() {
        DirtyLog.Session first = log.start(List.of(ram));
        write(RAM, 1);
        session = log.start(List.of(ram));
        write(RAM + 4096, 1);
        List<Long> seen = new ArrayList<>();
        first.take((block, bits) -> seen.add(bits[0]));
        first.take((block, bits) -> seen.add(bits[0]));
        first.close();
        assertThat(seen).containsExactly(1L, 0L);
        assertThat(log.isOn()).isTrue();
        assertThat(taken()).containsExactly("ram 1");
    }

    @Test
    void blocksThatAreNotLoggedAreIgnored() {
        session = log.start(List.of(rom));
        write(RAM, 1);
        write(0x2000, 1);
        assertThat(taken()).containsExactly("rom 1");
    }

    @Test
    void cachedRightsToStoreAreForgottenAtRestOnly() {
        List<String> order = new ArrayList<>();
        log.onTake(() -> order.add("forget"));
        log.restsBy(task -> {
            order.add("rest");
            task.run();
            order.add("go on");
        });
        session = log.start(List.of(ram));
        assertThat(taken()).isEmpty();
        session.close();
        assertThat(order).containsExactly("rest", "forget", "go on", "rest", "forget", "go on", "rest", "go on");
    }
}
