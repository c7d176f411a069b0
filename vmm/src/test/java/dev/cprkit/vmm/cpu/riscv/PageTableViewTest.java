package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.cpu.riscv.PageTableView.Mapping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTableViewTest {
    private static final long LOW = 0x4000_0000L;

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void showsWhatIsMappedAndTouchesNothing(int levels) {
        try (TestHart test = new TestHart()) {
            PageTables tables = new PageTables(test, levels);
            long high = levels == 3 ? 0xffff_ffc0_0000_0000L : 0xffff_8000_0000_0000L;
            long entry = tables.map(LOW, TestHart.RAM + 0x5000, PageTables.V | PageTables.R | PageTables.U, 0);
            tables.map(high, TestHart.RAM, PageTables.V | PageTables.R | PageTables.X, 1);
            long before = test.u64(entry);
            test.hart.setMode(RiscvHart.SUPERVISOR);

            PageTableView view = new PageTableView(test.hart, test.memory);

            assertThat(view.translate(LOW + 0x123)).hasValue(TestHart.RAM + 0x5123);
            assertThat(view.translate(high + 0x10_0456)).hasValue(TestHart.RAM + 0x10_0456);
            assertThat(view.translate(LOW + 0x1000)).isEmpty();
            assertThat(view.translate(1L << 60)).as("not an address at all").isEmpty();
            assertThat(test.u64(entry)).as("A and D are left alone").isEqualTo(before);
            assertThat(view.mappings())
                    .containsExactly(
                            new Mapping(LOW, TestHart.RAM + 0x5000, 0x1000, PageTables.R | PageTables.U),
                            new Mapping(TestHart.RAM, TestHart.RAM, 0x20000, PageTables.RWX & ~PageTables.V),
                            new Mapping(high, TestHart.RAM, 0x20_0000, PageTables.R | PageTables.X));
            assertThat(view.mappings().getFirst().letters()).isEqualTo("r--u---");
            assertThat(view.mappings().get(1).letters()).isEqualTo("rwx--ad");
        }
    }

    @Test
    void withoutTablesAnAddressIsItself() {
        try (TestHart test = new TestHart()) {
            PageTableView bare = new PageTableView(test.hart, test.memory);
            assertThat(bare.present()).isFalse();
            assertThat(bare.mappings()).isEmpty();
            assertThat(bare.translate(5)).hasValue(5);
            new PageTables(test, 3);
            PageTableView machine = new PageTableView(test.hart, test.memory);
            assertThat(machine.present()).isTrue();
            assertThat(machine.translate(5)).as("M mode goes past them").hasValue(5);
        }
    }
}
