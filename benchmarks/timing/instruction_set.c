/* Hides features of an x86 processor from the rest of this process.

   Where the processor can (arch_prctl(2), ARCH_SET_CPUID), CPUID raises SIGSEGV from `hide` on, and
   the handler answers with the hidden bits cleared. Threads that are started later inherit it;
   programs that are executed do not.

   Where it cannot, pages of the loaded libraries that hold the bytes of a CPUID cannot be executed
   between `watch` and `unwatch`. Whoever comes to one raises SIGSEGV, and goes through it
   instruction by instruction (the trap flag, SIGTRAP), so that a CPUID is met before it runs. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { SET_CPUID = 0x1012, TRAP_FLAG = 0x100, PAGE = 4096, MOST_PAGES = 512 };

typedef struct { uint32_t leaf, subleaf, registers[4]; } Hidden; /* eax, ebx, ecx, edx */

static Hidden hidden[8];
static int hidden_count, can_fault;
static uintptr_t pages[MOST_PAGES], open_page;
static int page_count;

static long set_cpuid(unsigned long usable) { return syscall(SYS_arch_prctl, SET_CPUID, usable); }

static int is_cpuid(const greg_t *registers) {
    const uint8_t *code = (const uint8_t *)registers[REG_RIP];
    return code[0] == 0x0f && code[1] == 0xa2;
}

/* Puts what is left of CPUID's answer into the registers, and goes on behind it. */
static void answer(greg_t *registers) {
    uint32_t leaf = registers[REG_RAX], subleaf = registers[REG_RCX], a = leaf, b, c = subleaf, d;
    if (can_fault) set_cpuid(1);
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (can_fault) set_cpuid(0);
    for (int i = 0; i < hidden_count; i++) {
        /* Leaf 1 has no subleaves: ecx holds whatever was there. */
        if (hidden[i].leaf != leaf || (leaf != 1 && hidden[i].subleaf != subleaf)) continue;
        a &= ~hidden[i].registers[0];
        b &= ~hidden[i].registers[1];
        c &= ~hidden[i].registers[2];
        d &= ~hidden[i].registers[3];
    }
    registers[REG_RAX] = a;
    registers[REG_RBX] = b;
    registers[REG_RCX] = c;
    registers[REG_RDX] = d;
    registers[REG_RIP] += 2;
}

static void set_executable(uintptr_t page, int is_executable) {
    syscall(SYS_mprotect, page, PAGE, is_executable ? PROT_READ | PROT_EXEC : PROT_READ);
}

static int is_watched(uintptr_t page) {
    for (int i = 0; i < page_count; i++) {
        if (pages[i] == page) return 1;
    }
    return 0;
}

static void on_fault(int number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    /* The page that cannot be executed: an instruction may begin on the one before. */
    uintptr_t page = (uintptr_t)info->si_addr & ~(uintptr_t)(PAGE - 1);
    if (info->si_addr && is_watched(page)) {
        if (open_page) set_executable(open_page, 0);
        set_executable(open_page = page, 1);
        registers[REG_EFL] |= TRAP_FLAG;
    } else if (info->si_addr || !can_fault || !is_cpuid(registers)) {
        /* A fault of CPUID gives no address; any other comes again, without this handler. */
        signal(number, SIG_DFL);
        return;
    }
    while (is_cpuid(registers)) answer(registers);
}

static void on_step(int number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    (void)number, (void)info;
    uintptr_t page = registers[REG_RIP] & ~(uintptr_t)(PAGE - 1);
    if (page == open_page) {
        while (is_cpuid(registers)) answer(registers);
    } else {
        if (open_page) set_executable(open_page, 0);
        open_page = 0;
        registers[REG_EFL] &= ~(greg_t)TRAP_FLAG;
    }
}

/* 0 where CPUID itself can be answered from now on, 1 where `watch` can do it, -1 if nothing can. */
int hide(const Hidden *bits, int count) {
    if (count > 8) return -1;
    for (int i = 0; i < count; i++) hidden[i] = bits[i];
    hidden_count = count;
    struct sigaction fault = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    struct sigaction step = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO};
    if (sigaction(SIGSEGV, &fault, 0) || sigaction(SIGTRAP, &step, 0)) return -1;
    can_fault = !set_cpuid(0);
    return !can_fault;
}

static void watch_code(uintptr_t first, uintptr_t end) {
    for (const uint8_t *at = (const uint8_t *)first; (uintptr_t)at + 1 < end; at++) {
        at = memchr(at, 0x0f, end - 1 - (uintptr_t)at);
        if (!at) return;
        uintptr_t page = (uintptr_t)at & ~(uintptr_t)(PAGE - 1);
        if (at[1] == 0xa2 && !is_watched(page) && page_count < MOST_PAGES) pages[page_count++] = page;
    }
}

/* Of all libraries but this one and the C library, which has asked when the process began and which
   the handlers need. The number of pages; -1 where they cannot be listed, or are too many. */
int watch(void) {
    char line[4096], mode[5];
    FILE *maps = fopen("/proc/self/maps", "r");
    if (!maps) return -1;
    page_count = 0;
    while (fgets(line, sizeof line, maps)) {
        uintptr_t first, end;
        if (sscanf(line, "%lx-%lx %4s", &first, &end, mode) != 3 || strcmp(mode, "r-xp")) continue;
        if (first <= (uintptr_t)watch && (uintptr_t)watch < end) continue;
        if (!strstr(line, ".so") || strstr(line, "/libc.so") || strstr(line, "/ld-")) continue;
        watch_code(first, end);
    }
    fclose(maps);
    if (page_count == MOST_PAGES) return -1;
    for (int i = 0; i < page_count; i++) set_executable(pages[i], 0);
    return page_count;
}

void unwatch(void) {
    for (int i = 0; i < page_count; i++) set_executable(pages[i], 1);
    page_count = 0;
}
