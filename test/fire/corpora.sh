#!/usr/bin/env bash
# Fetches public corpora of pictures, broken ones above all, into a folder and skips what is there: some 800 MB, unpacked
# and never installed. Needs Debian, npm and the network.
#   test/fire/corpora.sh FOLDER
set -euo pipefail
mkdir -p "${1:?a folder to fetch into}"
cd "$1"

# Suites, samples of cameras and finds of fuzzers, in the sources of programs that read pictures.
sources=(cairo camlimages exiv2 freeimage gdk-pixbuf giflib gimp golang-github-rwcarlsen-goexif golang-golang-x-image
  graphicsmagick gtk4 imagemagick jhead kimageformats leptonlib libexif libgd2 libheif libimage-exiftool-perl
  libimage-metadata-jpeg-perl libimage-size-perl libjpeg-turbo libmetadata-extractor-java libpng1.6 netpbm-free netsurf
  opencv openjpeg2 openslide piexif pillow png-sixlegs python-imagesize qtbase-opensource-src tiff vips)
# Ordinary pictures, from icons to wallpapers.
binaries=(endless-sky-data freeciv-data gnome-backgrounds kalzium-data libjxl-testdata nagios-images neverball-data
  openclipart-png openscad-testing-data scorched3d-data)
# WebP, of which Debian has little.
npm_packages=(@lobehub/fluent-emoji-3d@1.1.0)

# apt with lists and a cache of its own: it may ask for sources, and leaves the machine's as they are.
updated=
state=$PWD/.apt
apt=(apt-get -qq -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$state/parts" -o "Dir::State::Lists=$state/lists"
  -o "Dir::Cache=$state/cache" -o Dir::Cache::pkgcache=packages.bin -o Dir::Cache::srcpkgcache=sources.bin
  -o APT::Sandbox::User=root -o Acquire::Retries=3)

update() {
  local list
  mkdir -p "$state"/{parts,lists/partial,cache/archives/partial}
  for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
    [[ -s $list ]] || continue
    sed -E 's/^Types:.*/Types: deb deb-src/; s/^deb (.*)/deb \1\ndeb-src \1/' "$list" >"$state/parts/${list##*/}"
  done
  "${apt[@]}" update
  # It ends well without a network, too.
  if ! compgen -G "$state/lists/*_Sources*" >/dev/null; then
    echo 'apt has no lists of sources' >&2
    exit 1
  fi
  updated=yes
}

fetch() { # fetch PACKAGE COMMAND...: unpacks what the command downloads; the folder appears whole or not at all
  local folder=${1//\//-} archive
  shift
  [[ -d $folder ]] && return
  if [[ $1 == apt-get && -z $updated ]]; then update; fi
  rm -rf .work
  mkdir -p .work/archives .work/files
  if ! (cd .work/archives && "$@") >/dev/null; then
    echo "could not fetch $folder" >&2
    return
  fi
  for archive in .work/archives/*; do
    case $archive in
      *.deb) dpkg-deb -x "$archive" .work/files ;;
      *.tgz | *.tar.gz | *.tar.xz | *.tar.bz2) tar -xf "$archive" -C .work/files --no-same-owner ;;
    esac
  done
  # Programs and their texts are most of the files, and no pictures.
  find .work/files -type f -regextype egrep \
    -iregex '.*(\.(am|cc?|cmake|cpp|css|dox|go|hh?|hpp|html?|in|java|js|json|m4|md|mm|ogg|pl|po|py|qml|qdoc|rst|sh|txt|ui|wav|xml|ya?ml)|/Makefile)' -delete
  mv .work/files "$folder"
}

for name in "${sources[@]}"; do fetch "$name" "${apt[@]}" source --tar-only --only-source "$name"; done
for name in "${binaries[@]}"; do fetch "$name" "${apt[@]}" download "$name"; done
for name in "${npm_packages[@]}"; do fetch "$name" npm pack --silent --ignore-scripts "$name"; done
rm -rf .work
