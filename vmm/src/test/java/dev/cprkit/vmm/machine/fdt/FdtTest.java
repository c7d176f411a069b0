package dev.cprkit.vmm.machine.fdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FdtTest {
    @TempDir
    private Path directory;

    private static String dump(FdtNode node) {
        StringBuilder text = new StringBuilder();
        dump(node, "", text);
        return text.toString();
    }

    private static void dump(FdtNode node, String indent, StringBuilder text) {
        text.append(indent).append(node.name()).append(" {\n");
        for (String name : node.propertyNames()) {
            text.append(indent)
                    .append("  ")
                    .append(name)
                    .append(Arrays.toString(node.value(name)))
                    .append('\n');
        }
        node.children().forEach(child -> dump(child, indent + "  ", text));
        text.append(indent).append("}\n");
    }

    @Test
    void whatIsWrittenIsReadBack() throws Exception {
        FdtNode tree = ExampleTree.of(2, 256L << 20);
        String arguments = "console=ttyS0 ".repeat(300);
        BoardNodes.bootArguments(tree, arguments);
        BoardNodes.initrd(tree, 0x8820_0000L, 0x8830_0001L);
        FdtNode read = FdtReader.parse(FdtWriter.flatten(tree));
        assertThat(dump(read)).isEqualTo(dump(tree));
        assertThat(read.find("chosen").orElseThrow().property("bootargs").orElseThrow())
                .isEqualTo((arguments + "\0").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void laterValuesReplaceEarlierOnes() {
        FdtNode root = FdtNode.root();
        BoardNodes.bootArguments(root, "old");
        BoardNodes.bootArguments(root, "new");
        assertThat(root.children()).hasSize(1);
        assertThat(root.find("chosen").orElseThrow().property("bootargs"))
                .contains("new\0".getBytes(StandardCharsets.UTF_8));
        root.child("chosen").remove("bootargs");
        assertThat(root.find("chosen").orElseThrow().propertyNames()).isEmpty();
    }

    @Test
    void theCompilerTakesTheTreeWithoutAWarning() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/dtc")), "dtc is not installed (device-tree-compiler)");
        Path blob = directory.resolve("tree.dtb");
        Path source = directory.resolve("tree.dts");
        Path log = directory.resolve("dtc.log");
        Files.write(blob, FdtWriter.flatten(ExampleTree.of(1, 128L << 20)));
        Process process = new ProcessBuilder("dtc", "-I", "dtb", "-O", "dts", "-o", source.toString(), blob.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(log).lines())
                .as("dtc's opinion, but for what it says of QEMU's own tree too")
                .noneMatch(line -> line.contains("ERROR") || line.contains("FATAL"))
                .allMatch(line -> line.contains("chosen") || line.contains("interrupt") || line.contains("node_name"));
        assertThat(Files.readString(source)).contains("serial@10000000", "riscv,ndev = <0x5f>");
    }

    @Test
    void anyBytesAreSafeToRead() throws Exception {
        byte[] good = FdtWriter.flatten(ExampleTree.of(1, 128L << 20));
        long seed = 20_261_120L;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
            for (int n = random.nextInt(8); n >= 0 && bad.length > 0; n--) {
                bad[random.nextInt(Math.min(bad.length, random.nextBoolean() ? 64 : bad.length))] =
                        (byte) random.nextInt(256);
            }
            try {
                FdtReader.parse(bad);
            } catch (FdtException expected) {
                assertThat(expected).as("seed %d, round %d", seed, i).hasMessageMatching("\\S.*\\S");
            }
        }
    }

    @Test
    void saysWhatIsWrongWithABlob() {
        assertThatThrownBy(() -> FdtReader.parse(new byte[3])).hasMessage("it is only 3 bytes long");
        assertThatThrownBy(() -> FdtReader.parse(new byte[64])).hasMessageContaining("magic number");
        byte[] cut = Arrays.copyOf(FdtWriter.flatten(ExampleTree.of(1, 128L << 20)), 100);
        assertThatThrownBy(() -> FdtReader.parse(cut)).hasMessageContaining("but there are only 100");
    }

    @Test
    void extensionsAreListedOneByOne() {
        assertThat(HartNodes.extensions("rv64imac_zicsr_sstc")).containsExactly("i", "m", "a", "c", "zicsr", "sstc");
    }
}
