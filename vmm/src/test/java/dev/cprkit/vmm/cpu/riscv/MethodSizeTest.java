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
    @Test
    void everyMethodOfTheHartCanBeCompiled() throws IOException, URISyntaxException {
        Path root = Path.of(RiscvHart.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<Path> classes;
        try (Stream<Path> files = Files.walk(root.resolve("dev/cprkit/vmm/cpu"))) {
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
