// What Android's C library has and glibc lacks or does otherwise, as far as libtensorflowlite_jni.so
// of x86_64 uses it. android_demo/glibc_library.py gives the functions a capital letter.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int __xpg_strerror_r(int, char *, size_t);

// Android's stdin, stdout and stderr: three structures in a row, known by their addresses alone.
enum { ANDROID_FILE_BYTES = 152 };
char __sF[3 * ANDROID_FILE_BYTES];

static FILE *glibc_file(void *android_file) {
    char *place = android_file;
    if (place == __sF) return stdin;
    if (place == __sF + ANDROID_FILE_BYTES) return stdout;
    if (place == __sF + 2 * ANDROID_FILE_BYTES) return stderr;
    return android_file;
}

int Vfprintf(void *file, const char *format, va_list arguments) {
    return vfprintf(glibc_file(file), format, arguments);
}

int Fprintf(void *file, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int written = vfprintf(glibc_file(file), format, arguments);
    va_end(arguments);
    return written;
}

int Fputc(int c, void *file) { return fputc(c, glibc_file(file)); }
int Fflush(void *file) { return fflush(glibc_file(file)); }
int Fileno(void *file) { return fileno(glibc_file(file)); }
size_t Fwrite(const void *bytes, size_t size, size_t count, void *file) {
    return fwrite(bytes, size, count, glibc_file(file));
}
int Strerror_r(int error, char *text, size_t size) { return __xpg_strerror_r(error, text, size); }

long Sysconf(int name) { // Android numbers its questions otherwise
    switch (name) {
    case 0x27:
    case 0x28: return sysconf(_SC_PAGESIZE);
    case 0x60: return sysconf(_SC_NPROCESSORS_CONF);
    case 0x61: return sysconf(_SC_NPROCESSORS_ONLN);
    case 0x62: return sysconf(_SC_PHYS_PAGES);
    case 0x63: return sysconf(_SC_AVPHYS_PAGES);
    default:
        fprintf(stderr, "shim.c: sysconf %#x is not known\n", name);
        errno = EINVAL;
        return -1;
    }
}

// XNNPACK asks for multiples of 32 in a build for phones, and in such memory keeps constants of
// AVX-512 kernels, which fault unless the place is a multiple of 64.
enum { LEAST_ALIGNMENT = 64 };
void *Memalign(size_t alignment, size_t size) {
    return memalign(alignment < LEAST_ALIGNMENT ? LEAST_ALIGNMENT : alignment, size);
}
int Posix_memalign(void **memory, size_t alignment, size_t size) {
    return posix_memalign(memory, alignment < LEAST_ALIGNMENT ? LEAST_ALIGNMENT : alignment, size);
}

int *__errno(void) { return __errno_location(); }
int __open_2(const char *path, int flags) { return open(path, flags); }
size_t __strlen_chk(const char *text, size_t size) {
    (void)size;
    return strlen(text);
}
void android_set_abort_message(const char *message) { fprintf(stderr, "abort: %s\n", message); }
int __system_property_get(const char *name, char *value) {
    strcpy(value, strcmp(name, "ro.build.version.sdk") == 0 ? "35" : "");
    return (int)strlen(value);
}
int __android_log_vprint(int priority, const char *tag, const char *format, va_list arguments) {
    (void)priority;
    fprintf(stderr, "%s: ", tag);
    int written = vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    return written;
}
