#!/bin/sh
# photographs.sh FOLDER: gets what `npm run bench -- faces crops` measures with, from Debian's and npm's registries, and unpacks it there.
set -eu
folder=$1
mkdir -p "$folder/packages"
cd "$folder/packages"
apt-get download python3-skimage python-matplotlib-data mate-backgrounds lomiri-wallpapers-16.04 lomiri-wallpapers-20.04
npm pack --silent @vladmandic/face-api@1.7.15
for package in *.deb; do dpkg-deb -x "$package" ..; done
tar -xzf vladmandic-face-api-1.7.15.tgz -C .. package/demo package/LICENSE
