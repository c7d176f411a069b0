package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** HotSpot never compiles a method of more than 8,000 bytes of bytecode: it would run 25 times slower. */
class MethodSizeTest {
    /** What the loop calls and C2 must not inline into it: it inlines nothing over 325 bytes. */
    private static final List<String> KEPT_OUT = List.of(
            "RiscvHart.find",
            "RareAccess.execute",
            "IntegerOps.execute",
            "AtomicOps.execute",
            "SystemOps.execute",
            "Csrs.execute",
            "Mmu.access",
            "FloatOps.perform64",
            "FloatOps.perform32");

    /** C2 inlines no more once a method and what it has inlined are 8,000 bytes; guest memory takes 250 at 8 places. */
    private static final int LOOP_LIMIT = 5800;

    @Test
    void theLoopLeavesRoomForTheAccessesToGuestMemory() throws IOException, URISyntaxException {
        for (String name : KEPT_OUT) {
            assertThat(length(name)).as(name).isGreaterThan(325);
        }
        assertThat(length("Interpreter.execute")).isLessThan(LOOP_LIMIT);
    }

    private static int length(String name) throws IOException, URISyntaxException {
        String[] parts = name.split("\\.");
        Path file = root().resolve("dev/cprkit/vmm/cpu/riscv/" + parts[0] + ".class");
        for (MethodModel method : ClassFile.of().parse(file).methods()) {
            if (method.methodName().equalsString(parts[1])) {
                return method.code()
                        .map(code -> ((CodeAttribute) code).codeLength())
                        .orElseThrow();
            }
        }
        throw new AssertionError("there is no " + name);
    }

    private static Path root() throws URISyntaxException {
        return Path.of(RiscvHart.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    @Test
    void everyMethodOfTheHartCanBeCompiled() throws IOException, URISyntaxException {
        List<Path> classes;
        try (Stream<Path> files = Files.walk(root().resolve("dev/cprkit/vmm/cpu"))) {
            classes = files.filter(file -> file.toString().endsWith(".class")).toList();
        }
        int seen = 0;
        for (Path file : classes) {
            ClassModel model = ClassFile.of().parse(file);
            for (MethodModel method : model.methods()) {
                int length = method.code()
                        .map(code -> ((CodeAttribute) code).codeLength())
                        .orElse(0);
                assertThat(length)
                        .as(model.thisClass().asInternalName() + "." + method.methodName())
                        .isLessThan(8000);
                seen++;
            }
        }
        assertThat(seen).as("methods looked at").isGreaterThan(100);
    }
}
