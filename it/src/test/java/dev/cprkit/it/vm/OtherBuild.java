package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Builds of the emulator whose clock declares its state otherwise: its source is changed and compiled for the test. */
enum OtherBuild {
    /** A field more, in a subsection that is sent when it was used; it was not. */
    FIELD_MORE("rings = 0"),
    /** The same, and the field was used. */
    FIELD_USED("rings = 1"),
    /** A version that can no longer load the one before. */
    RAISED("");

    private static final String SOURCE = "dev/cprkit/vmm/device/rtc/GoldfishRtc.java";
    private static final String DECLARATION = "VmState.<GoldfishRtc>of(\"goldfish_rtc\", 3)";
    private static final String SUBSECTION = """
        .subsection(VmState.<GoldfishRtc>of("goldfish_rtc/rings", 1)
                .u64("rings", r -> r.rings, (r, v) -> r.rings = v)
                .needed(r -> r.rings != 0)
                .build())
        """;

    private final String field;

    OtherBuild(String field) {
        this.field = field;
    }

    /** Compiles it into a folder. */
    Path classes(Path folder) throws Exception {
        Path root = Path.of(System.getProperty("cprkit.root", ".."));
        String source = Files.readString(root.resolve("vmm/src/main/java").resolve(SOURCE));
        assertThat(source).contains(DECLARATION, "private boolean pending;");
        String changed = this == RAISED
                ? source.replace(DECLARATION, DECLARATION.replace("3)", "4)"))
                : source.replace(DECLARATION, DECLARATION + SUBSECTION)
                        .replace("private boolean pending;", "private boolean pending; private long " + field + ";");
        Path file = folder.resolve(name()).resolve("src").resolve(SOURCE);
        Path classes = folder.resolve(name()).resolve("classes");
        Files.createDirectories(file.getParent());
        Files.createDirectories(classes);
        Files.writeString(file, changed);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            null,
                            files,
                            null,
                            List.of(
                                    "-proc:none",
                                    "-d",
                                    classes.toString(),
                                    "-cp",
                                    String.join(File.pathSeparator, VmCommand.classPath())),
                            null,
                            files.getJavaFileObjects(file))
                    .call();
            assertThat(compiled).isTrue();
        }
        return classes;
    }
}
