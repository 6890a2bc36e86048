#!/bin/sh
# Takes what no report needs out of the packages of an image: 70 MB.
#   slim.sh SITE-PACKAGES LANGUAGES      LANGUAGES: the folder with a file for each that reports speak
set -eu
spoken=$(basename -s .json "$2"/*.json | paste -sd "|")
cd "$1"

# Tests, and what only a compiler or an editor reads.
find . -type d -name tests -prune -exec rm -r {} +
find . -type f -regextype egrep -regex ".*\.(pyi|h|a|c|pyx|pxd)" -delete

# Dates, numbers and hyphens of other languages.
find babel/locale-data -name "*.dat" | grep -vE "/(root|$spoken)[_.]" | xargs rm
find pyphen/dictionaries -name "*.dic" | grep -vE "_($spoken)[_.]" | xargs rm

# Fonts of formulas and of PDF viewers, sample pictures, compilers of Fortran, films as pictures.
rm -r numpy/distutils numpy/f2py matplotlib/mpl-data/sample_data
rm -r matplotlib/mpl-data/fonts/afm matplotlib/mpl-data/fonts/pdfcorefonts
find matplotlib/mpl-data/fonts/ttf -name "STIX*" -delete
rm PIL/_avif.* pillow.libs/libavif-*

# Symbols for debuggers. Not of packages that bring libraries along (NAME.libs): what was patched to find these is
# not to be rewritten again.
bringing=$(find . -maxdepth 1 -name "*.libs" | sed -e "s/\.libs$//" -e "s/pillow/PIL/" | paste -sd "|")
find . -type f -name "*.so" | grep -vE "^($bringing)[./]" | xargs strip --strip-unneeded
