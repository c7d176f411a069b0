package dev.cprkit.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The suite leaves out no case of the reference. */
class CasesTest {
    private static final int CASES = 30;

    @Test
    void everyCaseOfTheReferenceHasATest() {
        TreeSet<Integer> held = new TreeSet<>();
        for (Class<?> group : ConformanceSuite.class.getInterfaces()) {
            for (Method method : group.getDeclaredMethods()) {
                if (method.isAnnotationPresent(Case.class)) {
                    assertThat(method.isAnnotationPresent(Test.class))
                            .as(method.getName())
                            .isTrue();
                    held.add(method.getAnnotation(Case.class).value());
                }
            }
        }
        assertThat(held)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, CASES).boxed().toList());
    }
}
