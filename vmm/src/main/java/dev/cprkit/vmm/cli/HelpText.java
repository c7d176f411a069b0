package dev.cprkit.vmm.cli;

/** What {@code -help} prints. */
final class HelpText {
    static final String USAGE = """
        usage: vmm [options]

        Runs one RISC-V virtual machine, and can hand its running guest over to another
        vmm process of the same host. Options are written as QEMU's are.

        Standard options:
        -h or -help     display this help and exit
        -version        display version information and exit
        -machine [type=]name[,prop=value[,...]]
                        selects emulated machine ('-machine help' for list,
                        '-machine virt,help' for its properties; default: virt)
                        aux-ram-share=on|off puts RAM that no backend describes into memory
                        that the next process can map (default: off)
                        memory-backend=id makes that memory backend the guest's RAM
                        accel=accel1[:accel2[:...]] selects accelerator
                        dumpdtb=file writes the device tree to a file and exits
                        suppress-vmdesc=on|off disables self-describing migration (default: off)
        -M              short for -machine
        -cpu model[,feature=on|off[,...]]
                        selects CPU ('-cpu help' for list; default: rv64)
                        features: zba, zbb, zbs, sstc, svadu (all on)
        -accel [accel=]accelerator[,prop=value[,...]]
                        selects accelerator ('-accel help' for list); when repeated, the first
                        that exists is used
        -smp [cpus=]1[,sockets=1][,cores=1][,threads=1][,maxcpus=1]
                        sets the number of CPUs; this machine has one
        -m [size=]megs  configures guest RAM
                        size: amount of guest memory, in MiB unless a suffix
                        k, M, G, T, P or E follows (default: 128M)
        -name [guest=]name[,process=name][,debug-threads=on|off]
                        sets the name of the guest and of the process
        -uuid uuid      sets the guest's UUID
        -device driver[,prop=value[,...]]
                        adds a device ('-device help' for list, '-device driver,help' for its
                        properties)
        -object type,id=id[,prop=value[,...]]
                        creates an object ('-object help' for list, '-object type,help' for its
                        properties)
        -global driver.property=value
        -global driver=driver,property=property,value=value
                        sets a property ahead of time, of 'migration' for example

        RAM that survives a live update is shared and behind a descriptor:
          -object memory-backend-memfd,id=ram0,size=1G -machine virt,memory-backend=ram0

        Display options:
        -display none   does not use the terminal: the serial line leads nowhere
        -nographic      uses the terminal as serial line and monitor; this is the default, as
                        there is no graphical display. Ctrl-A C switches between the two.
        -audio none     has no sound, as always
        -vga none       has no graphics card, as always

        Network options:
        -nic none, -net none
                        has no network, as always

        Character device options ('-chardev help' for list):
        -chardev stdio,id=id[,mux=on|off][,signal=on|off]
        -chardev file,id=id,path=path[,append=on|off][,input-path=path][,mux=on|off]
        -chardev socket,id=id,path=path[,server=on|off][,wait=on|off][,abstract=on|off][,tight=on|off]
                        [,reconnect-ms=ms][,mux=on|off]
        -chardev socket,id=id,host=host,port=port[,to=port][,server=on|off][,wait=on|off]
                        [,nodelay=on|off][,reconnect-ms=ms][,mux=on|off]
        -chardev socket,id=id,fd=fd[,server=on|off][,wait=on|off][,mux=on|off]
        -chardev null,id=id[,mux=on|off]
                        each also with [,logfile=path][,logappend=on|off]

        Debug and monitor options (dev is stdio, null, file:path, unix:path[,server=on][,wait=off],
        tcp:host:port[,server=on][,wait=off] or chardev:id):
        -serial dev     connects the serial line; also none, and mon:dev to share it with a monitor
        -parallel none  has no parallel port, as always
        -monitor dev    connects the human monitor; also none
        -qmp dev        connects a monitor that speaks QMP
        -qmp-pretty dev as -qmp, with replies indented
        -mon [chardev=]id[,mode=readline|control][,pretty=on|off]
                        connects a monitor to a -chardev
        -qtest dev      connects a test that reads and writes the board by QEMU's qtest protocol;
                        a socket that it is to connect to may begin to listen later
        -qtest-log file writes that conversation down; also none (the default)

        Boot options:
        -bios default|none|file
                        firmware: the built-in SBI, nothing, or an image such as OpenSBI's
                        (default: default)
        -kernel file    kernel image, a flat RISC-V Image or an ELF file
        -initrd file    initial ram disk, with -kernel
        -append cmdline command line of the kernel, with -kernel
        -dtb file       device tree in place of the machine's own

        Migration options:
        -incoming uri   waits for a guest on tcp:host:port, unix:path, fd:number, file:path
                        or exec:command
        -incoming defer waits for a guest on what migrate-incoming will name
        -incoming channel
                        waits for a guest, or for its descriptors, on a channel in JSON, or as in
                        cpr,addr.transport=socket,addr.type=unix,addr.path=path
                        May be repeated: for each type, main and cpr, the last one counts.
        -only-migratable
                        refuses whatever would keep the machine from migrating
        -cpr-uri unix:path
                        an earlier form of -incoming cpr,...
        -loadvm name    is refused: there are no disk images with snapshots
        -preconfig      is refused: the machine is described by this command line alone
        -x-cpr-check    runs nothing: reads what a guest consists of from standard input, prints whether
                        the machine of this command line could go on with it, and ends

        Process options:
        -add-fd fd=fd,set=set[,opaque=opaque]
                        adds an inherited open file to a set; /dev/fdset/set then opens it
        -pidfile file   writes the process id to a file, which is locked and removed at the end
        -run-with [exit-with-parent=on|off]
                        ends when the parent process ends (default: off)
        -action [reboot=reset|shutdown][,shutdown=poweroff|pause][,panic=action][,watchdog=action]
                        what the guest's own reset and power-off, a panic, and a watchdog that
                        is not fed lead to (default: reset, poweroff, shutdown, reset)
        -watchdog-action reset|shutdown|poweroff|pause|debug|none
                        as -action watchdog=...
        -S              does not start the guest (type 'cont' in the monitor)
        -no-reboot      exits instead of rebooting, as -action reboot=shutdown
        -no-shutdown    stops instead of powering off, as -action shutdown=pause
        -nodefaults     does not create default devices: no serial line, no monitor
        -no-user-config accepted, there are no configuration files
        -daemonize      is refused: start vmm from a service manager, with '&' or setsid

        When the guest's console is the terminal, Ctrl-A H lists the keys.
        """;

    private HelpText() {}
}
