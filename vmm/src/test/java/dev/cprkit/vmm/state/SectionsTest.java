package dev.cprkit.vmm.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Names and numbers of sections (reference/qemu-cpr.md, section 3.4). */
class SectionsTest {
    private static final VmState<Object> DEVICE =
            VmState.<Object>of("device", 3).minimum(2).build();
    private static final VmState<Object> LATE =
            VmState.<Object>of("late", 1).priority(Priority.LOW).build();
    private static final VmState<Object> EARLY =
            VmState.<Object>of("early", 1).priority(Priority.IOMMU).build();
    private static final VmState<Object> EARLIEST = VmState.<Object>of("earliest", 1)
            .priority(Priority.INTERRUPT_CONTROLLER)
            .build();

    private final Sections sections = new Sections();

    private int register(int instance) {
        return sections.register(Section.of(DEVICE, instance, new Object())).instance();
    }

    @Test
    void aSectionWithoutANumberGetsOneMoreThanTheLargestOfItsName() {
        assertThat(register(Section.ANY)).isZero();
        assertThat(register(Section.ANY)).isEqualTo(1);
        assertThat(register(40)).isEqualTo(40);
        assertThat(register(Section.ANY)).isEqualTo(41);
        assertThat(sections.register(Section.of(LATE, Section.ANY, this)).instance())
                .isZero();
    }

    @Test
    void numbersHave32BitsAndNeverAreTheMarkerForAny() {
        assertThat(register(0x8000_0000)).isEqualTo(0x8000_0000);
        assertThat(register(Section.ANY)).isEqualTo(0x8000_0001);
        assertThat(register(0xffff_fffe)).isEqualTo(0xffff_fffe);
        assertThatThrownBy(() -> register(Section.ANY)).hasMessage("no instance number is left for 'device'");
        assertThat(Sections.find(sections.inOrder(), "device", 0xffff_fffe)).isPresent();
        assertThat(Sections.find(sections.inOrder(), "device", Section.ANY)).isEmpty();
    }

    @Test
    void twoOfOneNameAndNumberAreRefused() {
        register(16);
        assertThatThrownBy(() -> register(16))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Detected duplicate SaveStateEntry: id=device, instance_id=0x10");
    }

    @Test
    void whoIsUnpluggedIsGone() {
        Object owner = new Object();
        sections.register(Section.of(DEVICE, owner));
        sections.register(Section.of(LATE, owner));
        register(1);
        sections.unregister(owner);
        assertThat(sections.inOrder()).extracting(Section::instance).containsExactly(1);
        assertThat(register(0)).isZero();
    }

    @Test
    void theOrderIsByClassAndThenByRegistration() {
        sections.register(Section.of(LATE, this));
        sections.register(Section.of(DEVICE, 7, this));
        sections.register(Section.of(EARLY, this));
        sections.register(Section.of(DEVICE, 3, this));
        sections.register(Section.of(EARLIEST, this));
        assertThat(sections.inOrder())
                .extracting(section -> section.idstr() + section.instance())
                .containsExactly("earliest0", "early0", "device7", "device3", "late0");
    }

    @Test
    void aDeviceOnABusIsFoundByItsPathAndByItsOldName() {
        Section<Object> first = sections.register(Section.at("bus@1", DEVICE, new Object()));
        Section<Object> second = sections.register(Section.at("bus@2", DEVICE, new Object()));
        assertThat(second.idstr()).isEqualTo("bus@2/device");
        assertThat(second.instance()).isZero();
        List<Section<?>> all = sections.inOrder();
        assertThat(Sections.find(all, "bus@2/device", 0)).containsSame(second);
        assertThat(Sections.find(all, "device", 0)).containsSame(first);
        assertThat(Sections.find(all, "device", 1)).containsSame(second);
        assertThat(Sections.find(all, "device", 2)).isEmpty();
        assertThat(Sections.find(all, "bus@2/device", 1)).isEmpty();
        Section<Object> plain = sections.register(Section.of(DEVICE, 1, new Object()));
        assertThat(Sections.find(sections.inOrder(), "device", 1))
                .as("a section's own name comes first")
                .containsSame(plain);
    }

    @Test
    void anAliasIsASecondNumberAsLongAsStreamsThatUseItCanBeLoaded() {
        Section<Object> aliased = sections.register(Section.of(DEVICE, this).alias(0x3f8, 2));
        assertThat(Sections.find(sections.inOrder(), "device", 0x3f8)).containsSame(aliased);
        assertThat(Sections.find(sections.inOrder(), "device", 0)).containsSame(aliased);
        assertThatThrownBy(() -> Section.of(DEVICE, this).alias(0x3f8, 1))
                .hasMessage("the alias of device is for version 1, and the oldest that can be loaded is 2");
    }
}
