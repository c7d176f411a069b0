package dev.cprkit.it.house;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;

/** The arrows of the design: who may use whom, and where the few dangerous things are allowed. */
@AnalyzeClasses(packages = "dev.cprkit", importOptions = ImportOption.DoNotIncludeTests.class)
class ArrowsTest {
    private static final String PROTO = "dev.cprkit.proto..";
    private static final String VMM = "dev.cprkit.vmm..";
    private static final String AGENT = "dev.cprkit.agent..";
    private static final String CPRCTL = "dev.cprkit.cprctl..";

    @ArchTest
    static final ArchRule common_proto_knows_nobody = noClasses()
            .that()
            .resideInAPackage(PROTO)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(VMM, AGENT, CPRCTL)
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule the_emulator_sees_only_common_proto = noClasses()
            .that()
            .resideInAPackage(VMM)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(AGENT, CPRCTL)
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule the_agent_never_sees_the_emulator = noClasses()
            .that()
            .resideInAPackage(AGENT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(VMM, CPRCTL)
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule cprctl_reaches_the_emulator_only_by_QMP = noClasses()
            .that()
            .resideInAPackage(CPRCTL)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(VMM)
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule the_emulator_starts_lean = noClasses()
            .that()
            .resideInAPackage(VMM)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "picocli..",
                    "jnr..",
                    "com.kenai..",
                    "com.fasterxml.jackson.databind..",
                    "dev.cprkit.proto.client..",
                    "java.util.regex..",
                    "java.lang.reflect..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule picocli_stays_in_the_command_line = noClasses()
            .that(not(resideInAPackage(CPRCTL)))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule native_calls_live_in_os_packages = noClasses()
            .that(not(resideInAnyPackage("dev.cprkit..os..", "dev.cprkit.it..")))
            .should()
            .dependOnClassesThat(belongToAnyOf(Linker.class, SymbolLookup.class))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule a_device_is_a_room = slices().matching("dev.cprkit.vmm.device.(*)..")
            .namingSlices("device $1")
            .should()
            .notDependOnEachOther()
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule packages_of_the_emulator_know_not_who_builds_them = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.cprkit.vmm.cpu..",
                    "dev.cprkit.vmm.device..",
                    "dev.cprkit.vmm.memory..",
                    "dev.cprkit.vmm.state..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.cprkit.vmm.cli..", "dev.cprkit.vmm.migration..", "dev.cprkit.vmm.monitor.qmp..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule nobody_prints_stack_traces = noClasses()
            .should()
            .callMethod(Throwable.class, "printStackTrace")
            .orShould()
            .callMethod(Thread.class, "dumpStack");
}
