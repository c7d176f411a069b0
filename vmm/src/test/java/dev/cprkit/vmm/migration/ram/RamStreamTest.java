package dev.cprkit.vmm.migration.ram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.vmm.migration.ram.RamSaver.ZeroPages;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateOutput;
import java.io.EOFException;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Saver and loader against each other, and the bytes between them against the reference. */
class RamStreamTest {
    private static final int PAGE = TestRam.PAGE;
    private static final long FOREVER = 1L << 62;

    private static RamSaver saver(TestRam ram, RamPlan plan, ZeroPages zero, RamStatistics statistics) {
        return new RamSaver(plan, ram.log(), zero, statistics, Optional.empty());
    }

    private static long later() {
        return System.nanoTime() + FOREVER;
    }

    private static void load(RamPlan plan, byte[] stream, int sections) throws Exception {
        StateInput in = StateInput.of(stream);
        RamLoader loader = new RamLoader(plan, Optional.empty());
        for (int i = 0; i < sections; i++) {
            loader.load(in);
        }
        assertThat(in.atEnd()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(ZeroPages.class)
    void allPagesArrive(ZeroPages zero) throws Exception {
        try (TestRam from = new TestRam(3, 130, 64).scribble(1);
                TestRam to = new TestRam(3, 130, 64).scribble(2)) {
            RamStatistics statistics = new RamStatistics(from.plan().copiedBytes());
            StateOutput out = StateOutput.toMemory();
            try (RamSaver saver = saver(from, from.plan(), zero, statistics)) {
                saver.writeStart(out);
                assertThat(saver.pending()).isEqualTo(197L * PAGE);
                assertThat(statistics.syncs()).isEqualTo(1);
                saver.writeSome(out, Long.MAX_VALUE, later());
                assertThat(saver.pending()).isZero();
                assertThat(saver.sync()).isEqualTo(2);
                saver.writeRest(out);
            }
            load(to.plan(), out.toByteArray(), 3);
            for (int block = 0; block < 3; block++) {
                assertThat(to.bytes(block)).isEqualTo(from.bytes(block));
            }
            assertThat(statistics.normalPages() + statistics.zeroPages()).isEqualTo(197);
            assertThat(statistics.zeroPages() > 0).isEqualTo(zero == ZeroPages.DETECTED);
            assertThat(statistics.remaining()).isZero();
            assertThat(statistics.total()).isEqualTo(197L * PAGE);
        }
    }

    @Test
    void whatIsWrittenAfterAPageWasSentIsSentAgain() throws Exception {
        try (TestRam from = new TestRam(200, 10).scribble(3);
                TestRam to = new TestRam(200, 10)) {
            StateOutput out = StateOutput.toMemory();
            RamStatistics statistics = new RamStatistics(0);
            try (RamSaver saver = saver(from, from.plan(), ZeroPages.DETECTED, statistics)) {
                saver.writeStart(out);
                saver.writeSome(out, Long.MAX_VALUE, later());
                from.write(0, 7, 1);
                from.write(0, 199, 2);
                from.write(1, 9, 3);
                assertThat(saver.pending()).isZero();
                assertThat(saver.sync()).isEqualTo(2);
                assertThat(saver.pending()).isEqualTo(3L * PAGE);
                assertThat(saver.takeDirtied()).isEqualTo(3);
                from.write(0, 7, 4); // before it is sent again: known to be pending, and logged once more
                saver.writeSome(out, 1, later());
                from.write(1, 9, 0);
                statistics.guestRuns(false);
                assertThat(saver.sync()).isEqualTo(3);
                saver.writeRest(out);
            }
            load(to.plan(), out.toByteArray(), 4);
            assertThat(to.bytes(0)).isEqualTo(from.bytes(0));
            assertThat(to.bytes(1)).isEqualTo(from.bytes(1));
            assertThat(statistics.downtimeBytes()).isBetween(2L * PAGE, 4L * PAGE);
            assertThat(from.log().isOn()).isFalse();
        }
    }

    @Test
    void aBudgetEndsASectionSoon() throws Exception {
        try (TestRam from = new TestRam(100)) {
            for (int page = 0; page < 100; page++) {
                from.write(0, page, 1);
            }
            RamStatistics statistics = new RamStatistics(0);
            try (RamSaver saver = saver(from, from.plan(), ZeroPages.DETECTED, statistics)) {
                StateOutput out = StateOutput.toMemory();
                saver.writeStart(out);
                saver.writeSome(out, 10 * (PAGE + 8) - 100, later());
                assertThat(saver.pending()).isEqualTo(90L * PAGE);
                saver.writeSome(out, 1, later());
                assertThat(saver.pending()).isEqualTo(89L * PAGE);
                saver.writeSome(out, Long.MAX_VALUE, System.nanoTime() - 1);
                assertThat(saver.pending()).isEqualTo(89L * PAGE);
                assertThat(statistics.transferred()).isEqualTo(11L * (PAGE + 8) + 2 * 2);
                assertThat(statistics.precopyBytes()).isEqualTo(statistics.transferred());
            }
        }
    }

    @Test
    void aCancelledSaverWritesNoMore() throws Exception {
        try (TestRam from = new TestRam(100);
                RamSaver saver = saver(from, from.plan(), ZeroPages.DETECTED, new RamStatistics(0))) {
            StateOutput out = StateOutput.toMemory();
            saver.writeStart(out);
            saver.cancel();
            assertThatThrownBy(() -> saver.writeSome(out, Long.MAX_VALUE, later()))
                    .isInstanceOf(IOException.class)
                    .hasMessage("the migration was cancelled");
        }
    }

    @Test
    void aSaverThatIsGivenUpBeforeItBeginsDoesNotLog() throws Exception {
        try (TestRam from = new TestRam(100)) {
            RamSaver saver = saver(from, from.plan(), ZeroPages.DETECTED, new RamStatistics(0));
            saver.cancel();
            saver.close();
            assertThatThrownBy(() -> saver.writeStart(StateOutput.toMemory()))
                    .hasMessage("the migration was cancelled");
            assertThat(from.log().isOn()).isFalse();
        }
    }

    /** The bytes of section 3.8: list, a raw page with its block's name, one of the same block, zero pages, the end. */
    @Test
    void theBytesAreThoseOfTheReference() throws Exception {
        try (TestRam from = new TestRam(1, 3)) {
            from.write(1, 0, 0xab);
            from.write(1, 1, 0xcd);
            StateOutput out = StateOutput.toMemory();
            try (RamSaver saver =
                    saver(from, from.plan(RamPlan.Pages.ALL, true, false), ZeroPages.DETECTED, new RamStatistics(0))) {
                saver.writeStart(out);
                saver.writeSome(out, Long.MAX_VALUE, later());
                saver.writeRest(out);
            }
            String page0 = "ab" + "00".repeat(PAGE - 1);
            String page1 = "00cd" + "00".repeat(PAGE - 2);
            assertThat(HexFormat.of().formatHex(out.toByteArray()))
                    .isEqualTo(
                            "0000000000004004" // 4 pages, MEM_SIZE
                                    + "0162" + "0000000000003000"
                                    + "0000000100000000" // the larger block first, with its GPA
                                    + "0161" + "0000000000001000" + "0000000000000000"
                                    + "0000000000000010" // EOS of START
                                    + "0000000000000008" + "0162" + page0 // PAGE
                                    + "0000000000001028" + page1 // PAGE, CONTINUE
                                    + "0000000000002022" + "00" // ZERO, CONTINUE
                                    + "0000000000000002" + "0161" + "00" // ZERO
                                    + "0000000000000010" // EOS of PART
                                    + "0000000000000010"); // EOS of END
        }
    }

    @Test
    void blocksThatAreLeftWhereTheyAreAreListedOnly() throws Exception {
        try (TestRam from = new TestRam(2).add(4, true);
                TestRam to = new TestRam(2).add(4, true)) {
            from.write(0, 1, 1);
            from.write(1, 1, 1);
            for (RamPlan.Pages pages : RamPlan.Pages.values()) {
                RamStatistics statistics =
                        new RamStatistics(from.plan(pages, true, false).copiedBytes());
                StateOutput out = StateOutput.toMemory();
                try (RamSaver saver = saver(from, from.plan(pages, true, false), ZeroPages.DETECTED, statistics)) {
                    saver.writeStart(out);
                    assertThat(from.log().isOn()).isEqualTo(pages != RamPlan.Pages.NONE);
                    saver.sync();
                    saver.writeRest(out);
                }
                load(to.plan(pages, true, false), out.toByteArray(), 2);
                assertThat(statistics.normalPages()).isEqualTo(pages.ordinal());
                assertThat(to.bytes(0)[PAGE + 1]).isEqualTo((byte) (pages.ordinal() > 0 ? 1 : 0));
                assertThat(to.bytes(1)[PAGE + 1]).isEqualTo((byte) (pages.ordinal() > 1 ? 1 : 0));
            }
        }
    }

    /** Bad payloads for a machine with blocks b (3 pages at 4 GiB, shared with a file) and a (1 page, private). */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        0000000000001004 0163 0000000000001000 | Unknown ramblock "c", cannot accept migration
        0000000000001004 0161 0000000000002000 | Size mismatch: a: 0x2000 != 0x1000: Invalid argument
        0000000000001004 0162 0000000000003000 0000000100000000 | the list of RAM blocks does not add up to its total of 4096 bytes
        0000000000003004 0162 0000000000003000 0000000000001000 | Mismatched GPAs for block b 4096!= 4294967296
        0000000000000008 0163 | Can't find block c
        0000000000000002 0162 00 | block b should not be migrated !
        0000000000000028 | Ack, bad migration stream!
        0000000000001008 0161 | Illegal RAM offset 1000
        8000000000000002 0161 | Illegal RAM offset 8000000000000000
        0000000000000002 0161 07 | Found a zero page with value 7
        0000000000000040 | XBZRLE page received, which this program cannot read: switch capability 'xbzrle' off in the old process
        0000000000000100 | Compressed page received, but no version of this program can read those
        0000000000000200 | the pages are sent over channels of their own, which this program does not open: switch capability 'multifd' off in the old process
        0000000000000000 | Unknown combination of migration flags: 0x0
        0000000000000001 | Unknown combination of migration flags: 0x1
        000000000000000a | Unknown combination of migration flags: 0xa
        0000000000000080 | Unknown combination of migration flags: 0x80
        """)
    void badStreamsAreRefusedInOneSentence(String hex, String text) {
        try (TestRam ram = new TestRam(1).add(3, true)) {
            RamPlan plan = ram.plan(RamPlan.Pages.UNSHARED, true, false);
            byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
            assertThatThrownBy(() -> load(plan, bytes, 1))
                    .isInstanceOf(StateException.class)
                    .hasMessage(text);
        }
    }

    @Test
    void aStreamThatBreaksOffInAPageIsAnEnd() {
        try (TestRam ram = new TestRam(1)) {
            byte[] bytes = HexFormat.of().parseHex("0000000000000008" + "0161" + "00".repeat(100));
            assertThatThrownBy(() -> load(ram.plan(), bytes, 1)).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void aZeroPageClearsWhatWasThere() throws Exception {
        try (TestRam ram = new TestRam(1)) {
            ram.write(0, 0, 9);
            load(ram.plan(), HexFormat.of().parseHex("0000000000000002" + "0161" + "00" + "0000000000000010"), 1);
            assertThat(ram.bytes(0)).containsOnly(0);
        }
    }
}
